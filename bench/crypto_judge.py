"""How long 100,000 certificates take from DER to verdict, on one core; the goal is 5 s.

Certificates are made here (RSA, P-256 and Ed25519, different serial numbers), repeated to the
number asked for; each is parsed anew. Prints JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kaname.cryptography.inventory.certificates import certificate_item
from kaname.cryptography.policy.judge import judge
from kaname.cryptography.policy.tables import load

GOAL = 5.0


def certificates(each: int) -> list[bytes]:
    """``each`` different certificates of each kind of key, as DER."""
    keys = (
        (rsa.generate_private_key(65537, 2048), hashes.SHA256()),
        (ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()),
        (ed25519.Ed25519PrivateKey.generate(), None),
    )
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    found = []
    for key, hashed in keys:
        for number in range(each):
            name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"h{number}.example")])
            made = x509.CertificateBuilder(
                name, name, key.public_key(), number + 1, start, start + dt.timedelta(days=398)
            )
            found.append(made.sign(key, hashed).public_bytes(Encoding.DER))
    return found


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificates", type=int, default=100_000)
    asked = parser.parse_args()
    made = certificates(200)
    policy = load()
    start = time.process_time()
    items = [
        certificate_item(made[at % len(made)], f"{at}.pem", now=0)
        for at in range(asked.certificates)
    ]
    read = time.process_time()
    judged = judge(items, policy, 2026, "new")
    done = time.process_time()
    print(
        json.dumps(
            {
                "certificates": len(judged.verdicts),
                "inventory_s": round(read - start, 3),
                "judge_s": round(done - read, 3),
                "total_s": round(done - start, 3),
                "goal_s": GOAL,
                "ratio_to_goal": round((done - start) / GOAL, 3),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
