"""Uses of cryptography in code, language by language: what is used, and what is none.

Each sample says in a comment at the end of a line what stands there ("= ALGORITHM" or
"= ALGORITHM PARAMETER", several with commas); a line without one must give nothing.
"""

from __future__ import annotations

import re

import pytest

from kaname.cryptography.inventory.code import code_items

JAVA = r"""
import java.security.*;
/* MessageDigest.getInstance("MD5") */
class A {
  // Cipher.getInstance("DES")
  static final String DOC = "MessageDigest.getInstance(\"MD5\")";
  String note = "uses Cipher.getInstance(AES) and new SHA1Digest()";
  void a() throws Exception {
    MessageDigest.getInstance("MD5"); // = MD5
    MessageDigest m = java.security.MessageDigest.getInstance( "SHA-512" ); // = SHA-512
    Cipher c = Cipher.getInstance("AES/GCM/NoPadding"); // = AES-GCM
    Cipher.getInstance("AES"); // = AES-ECB
    Cipher.getInstance("DESede/CBC/PKCS5Padding"); // = 3DES
    Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding"); // = RSA OAEP
    KeyGenerator.getInstance("AES"); // = AES
    new SecretKeySpec(bytes, "AES"); // = AES
    Signature.getInstance("SHA1withRSA"); // = RSA
    Signature.getInstance("ML-DSA-65"); // = ML-DSA-65
    KEM.getInstance("ML-KEM-768"); // = ML-KEM-768
    KeyPairGenerator g = KeyPairGenerator.getInstance("RSA"); g.initialize(1024); // = RSA 1024
    new ECGenParameterSpec("secp256r1"); // = ECDSA P-256
    Mac.getInstance("HmacSHA1"); // = HMAC-SHA-1
    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256"); // = PBKDF2
    KeyAgreement.getInstance("X25519"); // = X25519
    SSLContext.getInstance("TLSv1"); // = TLSv1.0
    new RC4Engine(); // = RC4
    int md5 = 3; String sha1 = "x"; getInstance("MD5");
    char quote = '"'; // MessageDigest.getInstance("MD4")
    Logger.getInstance("AES");
  }
}
"""
KOTLIN = r'''
val d = MessageDigest.getInstance("SHA-1") // = SHA-1
val c = Cipher.getInstance("AES/CBC/PKCS5Padding") // = AES-CBC
val s = SecretKeySpec(key, "DES") // = DES
val text = """Cipher.getInstance("RC4")"""
'''
C = r"""
#include <openssl/evp.h>
/* EVP_md5() is old */
static const char *help = "use EVP_md5() or MD5_Init(&c)";
void f(void) {
  EVP_DigestInit_ex(c, EVP_md5(), NULL); // = MD5
  EVP_EncryptInit_ex(x, EVP_aes_256_gcm(), 0, k, iv); // = AES-256-GCM
  EVP_EncryptInit_ex(x, EVP_des_ede3_cbc(), 0, k, iv); // = 3DES
  EVP_MD *m = EVP_MD_fetch(NULL, "SHA1", NULL); // = SHA-1
  EVP_CIPHER *y = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL); // = AES-128-CBC
  EVP_PKEY *k = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", 1024); // = RSA 1024
  EVP_PKEY_CTX *p = EVP_PKEY_CTX_new_from_name(NULL, "ML-KEM-768", NULL); // = ML-KEM-768
  EC_KEY_new_by_curve_name(NID_X9_62_prime256v1); // = ECDSA P-256
  RSA_generate_key_ex(r, 2048, e, NULL); // = RSA 2048
  OQS_KEM *q = OQS_KEM_new(OQS_KEM_alg_ml_kem_768); // = ML-KEM-768
  SSL_CTX *s = SSL_CTX_new(TLSv1_method()); // = TLSv1.0
  gcry_md_hash_buffer(GCRY_MD_SHA1, d, b, n); // = SHA-1
  mbedtls_sha256_init(&h); // = SHA-256
  crypto_secretbox_easy(c, m, n, q, k); // = XSalsa20-Poly1305
  wc_Sha256Update(&s, d, n); // = SHA-256
  BCryptOpenAlgorithmProvider(&h, BCRYPT_MD5_ALGORITHM, 0, 0); // = MD5
  int md5_count = 0; char c = '"'; // EVP_sha1()
  my_aes_context = 1;
}
"""
GO = r"""
package a
import "crypto/md5"
// md5.New()
var doc = `md5.New() and
rc4.NewCipher(k)`
func f() {
	h := md5.New() // = MD5
	s := sha1.Sum(data) // = SHA-1
	m := hmac.New(sha256.New, key) // = SHA-256
	k, _ := rsa.GenerateKey(rand.Reader, 1024) // = RSA 1024
	e, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader) // = ECDSA P-384
	c, _ := des.NewTripleDESCipher(key) // = 3DES
	b, _ := aes.NewCipher(key) // = AES
	g, _ := cipher.NewGCM(b) // = AES-GCM
	d, _ := mlkem.GenerateKey768() // = ML-KEM-768
	x := ecdh.X25519() // = X25519
	p, _ := mldsa65.GenerateKey(rand.Reader) // = ML-DSA-65
	cfg := &tls.Config{MinVersion: tls.VersionTLS10} // = TLSv1.0
	t := tls.TLS_RSA_WITH_RC4_128_SHA // = RC4
	fmt.Println("md5.New()", 'x')
	md5sum := 1
}
"""
JAVASCRIPT = r"""
// crypto.createHash('md5')
const doc = "crypto.createHash('md5')";
const tpl = `createHash('md5')`;
const h = crypto.createHash('sha1'); // = SHA-1
const c = crypto.createCipheriv("aes-256-gcm", k, iv); // = AES-256-GCM
const d = crypto.createCipheriv('des-ede3-cbc', k, iv); // = 3DES
const m = crypto.createHmac('sha256', k); // = HMAC-SHA-256
const s = crypto.createSign('RSA-SHA1'); // = RSA
crypto.generateKeyPair('rsa', { modulusLength: 1024 }, cb); // = RSA 1024
crypto.generateKeyPairSync('ml-kem-768'); // = ML-KEM-768
await crypto.subtle.digest('SHA-256', data); // = SHA-256
await subtle.encrypt({ name: 'AES-CBC', iv }, key, data); // = AES-CBC
CryptoJS.MD5(message); // = MD5
CryptoJS.HmacSHA1(message, key); // = HMAC-SHA-1
const e = crypto.createECDH('secp256k1'); // = ECDH secp256k1
jwt.sign(p, k, { algorithm: 'RS256' }); // = RSA
tls.connect({ minVersion: 'TLSv1' }); // = TLSv1.0
ml_kem768.keygen(); // = ML-KEM-768
const md5 = require('md5-file');
user.name = 'AES';
"""
RUST = r"""
// Md5::new()
fn f<'a>(x: &'a str, y: &'a str) {
    let text = "Md5::new() r";
    let raw = r#"Sha1::new()"#;
    let h = Md5::new(); // = MD5
    let s = Sha3_256::digest(x); // = SHA3-256
    let c = Aes256Gcm::new(&key); // = AES-256-GCM
    let k = MlKem768::generate(&mut rng); // = ML-KEM-768
    let r = RsaPrivateKey::new(&mut rng, 1024); // = RSA 1024
    let m = openssl::hash::MessageDigest::sha1(); // = SHA-1
    let d = Cipher::des_ede3_cbc(); // = 3DES
    let q = '"'; // Sha1::new()
    let sk = p256::ecdsa::SigningKey::random(&mut rng); // = ECDSA P-256
    let sig = MlDsa65::key_gen(&mut rng); // = ML-DSA-65
}
"""
CSHARP = r"""
// MD5.Create()
/// <summary>Uses MD5.Create() for nothing</summary>
string path = @"C:\MD5.Create()\";
string doc = "new DESCryptoServiceProvider()";
var a = MD5.Create(); // = MD5
var b = SHA1.HashData(data); // = SHA-1
var r = RSA.Create(1024); // = RSA 1024
var d = new DESCryptoServiceProvider(); // = DES
var t = TripleDES.Create(); // = 3DES
var h = new HMACSHA1(key); // = HMAC-SHA-1
aes.Mode = CipherMode.ECB; // = mode ECB
var g = new AesGcm(key, 16); // = AES-GCM
var p = new Rfc2898DeriveBytes(pw, salt, 1000); // = PBKDF2
handler.SslProtocols = SslProtocols.Tls11; // = TLSv1.1
var k = MLKem.GenerateKey(MLKemAlgorithm.MLKem768); // = ML-KEM, ML-KEM-768
MyMD5 x = new MyMD5();
"""
PHP = r"""
<?php
// md5($x)
# sha1($x)
$doc = "md5(x)"; $d2 = 'sha1(y)';
$a = md5($x); // = MD5
$b = hash('sha256', $x); // = SHA-256
$c = openssl_encrypt($d, 'aes-128-ecb', $k); // = AES-128-ECB
$e = hash_hmac('sha1', $x, $k); // = HMAC-SHA-1
$f = mcrypt_encrypt(MCRYPT_DES, $k, $d, 'ecb'); // = DES
openssl_sign($d, $s, $k, OPENSSL_ALGO_SHA1); // = SHA-1
$p = password_hash($w, PASSWORD_BCRYPT); // = bcrypt
$k = openssl_pkey_new(['private_key_bits' => 1024]); // = RSA 1024
$this->md5($x); Foo::sha1($y); function_md5x($z); $md5 = 1;
sodium_crypto_sign_detached($m, $k); // = Ed25519
"""
RUBY = r"""
# Digest::MD5.hexdigest(x)
=begin
Digest::MD5.hexdigest(x)
=end
doc = "Digest::MD5.hexdigest"
a = Digest::MD5.hexdigest(x) # = MD5
b = OpenSSL::Digest::SHA1.new # = SHA-1
c = OpenSSL::Cipher.new('aes-256-cbc') # = AES-256-CBC
k = OpenSSL::PKey::RSA.new(1024) # = RSA 1024
h = OpenSSL::HMAC.hexdigest('SHA256', key, data) # = HMAC-SHA-256
e = OpenSSL::PKey::EC.generate('prime256v1') # = ECDSA P-256
text = "#{x} md5"
http.ssl_version = :TLSv1 # = TLSv1.0
"""
SWIFT = r"""
// Insecure.MD5.hash(data: d)
let doc = "Insecure.MD5.hash"
let a = Insecure.MD5.hash(data: d) // = MD5
let b = SHA256.hash(data: d) // = SHA-256
let c = try AES.GCM.seal(d, using: k) // = AES-GCM
let p = P256.Signing.PrivateKey() // = ECDSA P-256
let x = Curve25519.KeyAgreement.PrivateKey() // = X25519
let m = try MLKEM768.PrivateKey() // = ML-KEM-768
let q = CCCrypt(op, CCAlgorithm(kCCAlgorithm3DES), 0, k, n, nil, i, l, o, z, &r) // = 3DES
"""
SHELL = r"""
#!/bin/sh
# openssl dgst -md5 file
echo "openssl dgst -md5 x"
openssl dgst -sha1 file # = SHA-1
openssl enc -aes-256-cbc -in a -out b # = AES-256-CBC
openssl genrsa -out key.pem 1024 # = RSA 1024
ssh-keygen -t rsa -b 1024 -f key # = RSA 1024
openssl genpkey -algorithm ML-DSA-65 -out k # = ML-DSA-65
md5sum file | cut -c1-8 # = MD5
"""
PYTHON = r"""
import hashlib, hmac, ssl, jwt, oqs
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from Crypto.Cipher import DES3
# hashlib.md5()
DOC = "hashlib.md5(x)"
a = hashlib.md5(x)  # = MD5
b = hashlib.new("sha1", x)  # = SHA-1
c = hmac.new(k, m, hashlib.sha256)  # = HMAC-SHA-256
d = hmac.new(k, m, "sha1")  # = HMAC-SHA-1
e = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # = RSA 1024
f = ec.generate_private_key(ec.SECP256R1())  # = ECDSA P-256
g = mlkem.MLKEM768PrivateKey.generate()  # = ML-KEM-768
h = Cipher(algorithms.AES(key), modes.ECB())  # = AES, mode ECB
i = DES3.new(key, DES3.MODE_CBC, iv)  # = 3DES-CBC
j = hashes.Hash(hashes.SHA1())  # = SHA-1
context.minimum_version = ssl.TLSVersion.TLSv1  # = TLSv1.0
l = jwt.encode(p, k, algorithm="HS256")  # = HMAC-SHA-256
m = oqs.KeyEncapsulation("ML-KEM-768")  # = ML-KEM-768
n = hashlib.pbkdf2_hmac("sha1", p, s, 1000)  # = PBKDF2
md5 = lambda x: x
md5(3)
"""
SAMPLES = {
    "A.java": JAVA, "a.kt": KOTLIN, "a.c": C, "a.go": GO, "a.js": JAVASCRIPT, "a.ts": JAVASCRIPT,
    "a.rs": RUST, "a.cs": CSHARP, "a.php": PHP, "a.rb": RUBY, "a.swift": SWIFT, "a.sh": SHELL,
    "a.py": PYTHON,
}  # fmt: skip


def wanted(text: str) -> set[tuple[int, str]]:
    """Line and what stands there, of each mark in a sample."""
    return {
        (number, one.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if (found := re.search(r"(?://|#)\s+= (.+)$", line)) is not None
        for one in found.group(1).split(",")
    }


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_use_is_told_and_nothing_else(name: str) -> None:
    text = SAMPLES[name]
    found = {
        (one.line, " ".join(filter(None, (one.algorithm, one.parameter))))
        for one in code_items(text.encode(), name)
    }
    assert found == wanted(text)
