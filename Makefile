# Needs Python 3.11, make and a shell; the rest is found or fetched by scripts/bootstrap.
.DEFAULT_GOAL := help
.PHONY: help demo build test check bench fuzz docs wheel ui clean
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
FUZZ_SECONDS ?= 60
READY = $(PYTHON) -m scripts.bootstrap
ENV = . .tools/env
export PYTHONDONTWRITEBYTECODE = 1

# Options of `make demo` become settings of kaname.
ifdef PORT
demo: export KANAME_LISTEN = 127.0.0.1:$(PORT)
endif
ifdef DATA
demo: export KANAME_DATA = $(DATA)
endif

help: ## this list | この一覧
	@awk -F '## | [|] ' '/^[a-z]+:.*##/ { split($$1, name, ":"); printf "  make %-6s %s\n              %s\n", name[1], $$2, $$3 }' Makefile

demo: ## packets to explained findings in the console; FILE=capture PORT=8750 DATA=folder | パケットから説明付きの検知結果まで、コンソールで見る
	@$(READY)
	@$(ENV) && kaname demo $(FILE) $(ARGS)

build: ## everything that the other targets need | 他の操作に必要なものをすべて用意する
	@$(READY)

test: ## all tests, with real servers and a browser; ARGS="-k lake" | 全テスト(実サーバーとブラウザーを使用)
	@$(READY)
	@$(ENV) && python -m scripts.test $(ARGS)

check: ## format, types, layers, translations, generated pages | 書式・型・階層・翻訳・生成ページの検査
	@$(READY) --docs
	@$(ENV) && python -m scripts.check $(ARGS)

bench: ## every claim measured, with its peers | 性能値の計測(他製品との比較つき)
	@$(READY)
	@$(ENV) && python -m scripts.bench $(ARGS)

fuzz: ## every parser, FUZZ_SECONDS=60 each | 全パーサーのファジング
	@$(READY)
	@$(ENV) && python -m scripts.fuzz --seconds $(FUZZ_SECONDS) $(ARGS)

docs: ## the manual in site/; ARGS=--write renews the generated pages | マニュアルを site/ に作る
	@$(READY) --docs
	@$(ENV) && python -m scripts.docs $(ARGS)

wheel: ## a wheel in dist/, tried in a fresh environment | wheel を dist/ に作り、新しい環境で試す
	@$(READY)
	@$(ENV) && python -m scripts.wheel

ui: ## the console served by Vite, renewed as it is edited | コンソールの開発用サーバー
	@$(READY)
	@$(ENV) && cd ui && npm run dev

clean: ## remove what was built; fetched tools stay | 生成物を消す(取得した道具は残す)
	rm -rf target site dist python/kaname/api/console ui/node_modules .tools/stamps .tools/logs
	find . -name __pycache__ -not -path './.*' -prune -exec rm -rf {} +
