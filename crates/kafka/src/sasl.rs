//! The client's side of SASL, without I/O: messages out, messages in.
//!
//! PLAIN is one message; SCRAM (RFC 5802) is two and proves the server too. Passwords are not
//! normalised with SASLprep beyond being UTF-8, which is what Kafka's own SCRAM does.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

use crate::config::{Sasl, SaslMechanism};

/// Most PBKDF2 rounds a server may ask for; beyond it the login is refused, not computed.
const MAX_ITERATIONS: u32 = 1 << 20;

/// A login in progress.
pub(crate) struct Login {
    state: State,
}

enum State {
    Plain,
    Scram(Scram),
    Done,
}

struct Scram {
    hash: Hash,
    password: String,
    client_first_bare: String,
    nonce: String,
    expected_signature: Option<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum Hash {
    Sha256,
    Sha512,
}

impl Login {
    /// Starts a login; the bytes go into the first SaslAuthenticate. `nonce` is fresh, printable randomness.
    pub fn start(sasl: &Sasl, nonce: String) -> (Self, Vec<u8>) {
        match sasl.mechanism {
            SaslMechanism::Plain => {
                let message = format!("\0{}\0{}", sasl.username, sasl.password.expose());
                (Self { state: State::Plain }, message.into_bytes())
            }
            SaslMechanism::ScramSha256 => Self::scram(sasl, Hash::Sha256, nonce),
            SaslMechanism::ScramSha512 => Self::scram(sasl, Hash::Sha512, nonce),
        }
    }

    fn scram(sasl: &Sasl, hash: Hash, nonce: String) -> (Self, Vec<u8>) {
        let user = sasl.username.replace('=', "=3D").replace(',', "=2C");
        let client_first_bare = format!("n={user},r={nonce}");
        let message = format!("n,,{client_first_bare}").into_bytes();
        let scram = Scram {
            hash,
            password: sasl.password.expose().to_owned(),
            client_first_bare,
            nonce,
            expected_signature: None,
        };
        (Self { state: State::Scram(scram) }, message)
    }

    /// Takes the server's message; the answer to send, or `None` when the login is complete.
    pub fn step(&mut self, server: &[u8]) -> Result<Option<Vec<u8>>, String> {
        match &mut self.state {
            State::Plain => {
                self.state = State::Done;
                Ok(None)
            }
            State::Scram(scram) => match &scram.expected_signature {
                None => scram.client_final(server).map(Some),
                Some(expected) => {
                    verify_server(server, expected)?;
                    self.state = State::Done;
                    Ok(None)
                }
            },
            State::Done => Err("the server sent more than the login needs".to_owned()),
        }
    }
}

impl Scram {
    fn client_final(&mut self, server_first: &[u8]) -> Result<Vec<u8>, String> {
        let server_first = std::str::from_utf8(server_first).map_err(|_| "SCRAM: not text".to_owned())?;
        if let Some(error) = attribute(server_first, "e") {
            return Err(format!("SCRAM: {error}"));
        }
        let nonce = attribute(server_first, "r").ok_or("SCRAM: no nonce")?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err("SCRAM: the server's nonce does not continue ours".to_owned());
        }
        let salt = attribute(server_first, "s").and_then(|s| BASE64.decode(s).ok()).ok_or("SCRAM: no salt")?;
        let iterations: u32 = attribute(server_first, "i")
            .and_then(|i| i.parse().ok())
            .filter(|i| (1..=MAX_ITERATIONS).contains(i))
            .ok_or("SCRAM: the iteration count is missing or unreasonable")?;
        let without_proof = format!("c=biws,r={nonce}");
        let message = format!("{},{server_first},{without_proof}", self.client_first_bare);
        let keys = match self.hash {
            Hash::Sha256 => keys_sha256(self.password.as_bytes(), &salt, iterations, &message),
            Hash::Sha512 => keys_sha512(self.password.as_bytes(), &salt, iterations, &message),
        }
        .ok_or("SCRAM: keys cannot be derived")?;
        self.expected_signature = Some(keys.server_signature);
        Ok(format!("{without_proof},p={}", BASE64.encode(keys.proof)).into_bytes())
    }
}

struct Keys {
    proof: Vec<u8>,
    server_signature: Vec<u8>,
}

macro_rules! scram_keys {
    ($name:ident, $hash:ty) => {
        fn $name(password: &[u8], salt: &[u8], iterations: u32, message: &str) -> Option<Keys> {
            let sign = |key: &[u8], parts: &[&[u8]]| {
                let mut mac = Hmac::<$hash>::new_from_slice(key).ok()?;
                parts.iter().for_each(|part| mac.update(part));
                Some(mac.finalize().into_bytes().to_vec())
            };
            // PBKDF2 with one block of output.
            let keyed = Hmac::<$hash>::new_from_slice(password).ok()?;
            let mut block = sign(password, &[salt, &1u32.to_be_bytes()])?;
            let mut salted = block.clone();
            for _ in 1..iterations {
                let mut mac = keyed.clone();
                mac.update(&block);
                block.copy_from_slice(&mac.finalize().into_bytes());
                salted.iter_mut().zip(&block).for_each(|(s, b)| *s ^= b);
            }
            let client_key = sign(&salted, &[b"Client Key"])?;
            let stored_key = <$hash>::digest(&client_key);
            let signature = sign(&stored_key, &[message.as_bytes()])?;
            let proof = client_key.iter().zip(&signature).map(|(k, s)| k ^ s).collect();
            let server_key = sign(&salted, &[b"Server Key"])?;
            let server_signature = sign(&server_key, &[message.as_bytes()])?;
            Some(Keys { proof, server_signature })
        }
    };
}

scram_keys!(keys_sha256, Sha256);
scram_keys!(keys_sha512, Sha512);

fn verify_server(server_final: &[u8], expected: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(server_final).map_err(|_| "SCRAM: not text".to_owned())?;
    if let Some(error) = attribute(text, "e") {
        return Err(format!("SCRAM: {error}"));
    }
    let signature = attribute(text, "v").and_then(|v| BASE64.decode(v).ok());
    match signature {
        Some(signature) if signature == expected => Ok(()),
        _ => Err("SCRAM: the server does not know the password; do not trust it".to_owned()),
    }
}

fn attribute<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.split(',').find_map(|part| part.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')))
}
