package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
)

var base64url = base64.RawURLEncoding

// Signer signs JWTs: with the key that says who the client is, or with one whose possession is proved.
type Signer struct {
	alg string
	key crypto.Signer
}

// ReadSigner reads a key in PEM: PKCS#8, PKCS#1 or SEC 1.
func ReadSigner(text, alg string) (*Signer, error) {
	if alg == "" {
		alg = "RS256"
	}
	wrong := func(why string) error {
		return &Refused{Reason: "config", Message: "the private key cannot be used: " + why}
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, wrong("no PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, wrong(err.Error())
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if alg == "RS256" {
			return &Signer{alg, key}, nil
		}
	case *ecdsa.PrivateKey:
		if alg == "ES256" && key.Curve == elliptic.P256() {
			return &Signer{alg, key}, nil
		}
	}
	return nil, wrong("not one that signs " + alg + ", or this client does not")
}

// NewSigner makes a key of the client's own.
func NewSigner() (*Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Signer{"ES256", key}, err
}

// JWK is the public half of an elliptic curve key.
func (s *Signer) JWK() map[string]any {
	point := s.key.Public().(*ecdsa.PublicKey)
	x, y := make([]byte, 32), make([]byte, 32)
	point.X.FillBytes(x)
	point.Y.FillBytes(y)
	return map[string]any{
		"kty": "EC", "crv": "P-256", "x": base64url.EncodeToString(x), "y": base64url.EncodeToString(y),
	}
}

// JWT signs.
func (s *Signer) JWT(header, claims map[string]any) (string, error) {
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := base64url.EncodeToString(head) + "." + base64url.EncodeToString(body)
	digest := sha256.Sum256([]byte(signed))
	var signature []byte
	switch key := s.key.(type) {
	case *ecdsa.PrivateKey:
		var r, s *big.Int
		if r, s, err = ecdsa.Sign(rand.Reader, key, digest[:]); err == nil {
			signature = make([]byte, 64)
			r.FillBytes(signature[:32])
			s.FillBytes(signature[32:])
		}
	default:
		signature, err = key.Sign(rand.Reader, digest[:], crypto.SHA256)
	}
	return signed + "." + base64url.EncodeToString(signature), err
}

// A text that nobody can guess.
func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return base64url.EncodeToString(bytes)
}

func sha256Of(text string) string {
	digest := sha256.Sum256([]byte(text))
	return base64url.EncodeToString(digest[:])
}
