//! Storage in a bucket of Amazon S3, or of a store that speaks its protocol.
//!
//! **Create if absent** is a PUT with `If-None-Match: *`. Its answer can get lost after it took effect, and then another try
//! is refused by what the first one wrote. So every creation carries a mark of its own as metadata of the object: a refusal
//! is settled by reading back whose mark is there. Equal content would not do: two jobs may well claim with equal words.
//! All tries of a creation carry the same mark, so that a PUT that comes through late is refused, or is the same creation.
//!
//! **Everything else** may be repeated freely, and is, with growing pauses, for [`Limits::patience`]; then the caller hears of
//! it. Files above [`PART`] go up in parts, which appear as one object or not at all.
//!
//! Trade-off: one request per deleted file instead of a thousand files a request, because the latter is missing from many
//! stores of this kind. The client is `object_store` on this program's own HTTP and TLS ([`transport`]).

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, RetryConfig, WriteMultipart,
};
use tokio::time::Instant;

use super::{Creation, Storage};
use crate::error::StateError;

mod options;
mod transport;

pub use options::S3Options;
use transport::{Connector, Refused};

/// Name of the metadata that tells creations apart.
const MARK: &str = "nutkin-mark";
/// Bytes of a part, and the largest file that goes up in one piece. S3 wants at least 5 MiB.
const PART: usize = 8 << 20;
/// Parts under way at a time.
const PARTS_AT_ONCE: usize = 4;
/// Pauses between tries of a creation.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long the storage waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one answer, and for each piece of it; the time to send a body comes on top.
    pub answer: Duration,
    /// No new try begins later than this after the first.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { answer: Duration::from_secs(10), patience: Duration::from_secs(8) }
    }
}

#[derive(Clone)]
pub struct S3Storage {
    store: Arc<AmazonS3>,
    /// For messages.
    name: Arc<str>,
    /// Ends with a slash, or is empty.
    prefix: Arc<str>,
    limits: Limits,
}

/// Without what the client knows, which is the key id among other things.
impl Debug for S3Storage {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("S3Storage").field(&self.name).finish()
    }
}

impl S3Storage {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// [`StateError::Location`] for options that cannot work.
    pub fn new(options: &S3Options, limits: Limits) -> Result<S3Storage, StateError> {
        let refuse = |problem: String| StateError::Location { location: options.to_string(), problem };
        let connector = Connector::new(options.certificate_authority.as_deref(), limits.answer).map_err(&refuse)?;
        let retry = RetryConfig {
            backoff: BackoffConfig { init_backoff: PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 },
            max_retries: usize::MAX,
            retry_timeout: limits.patience,
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_access_key_id(&options.access_key_id)
            .with_secret_access_key(&options.secret_access_key)
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .with_disable_bulk_delete(true)
            .with_retry(retry)
            .with_http_connector(connector);
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(token) = &options.session_token {
            builder = builder.with_token(token);
        }
        let store = builder.build().map_err(|error| refuse(innermost(&error)))?;
        let prefix = if options.prefix.is_empty() { String::new() } else { format!("{}/", options.prefix) };
        Ok(S3Storage { store: Arc::new(store), name: options.to_string().into(), prefix: prefix.into(), limits })
    }

    fn key(&self, path: &str) -> Result<Path, StateError> {
        Path::parse(format!("{}{path}", self.prefix)).map_err(|error| failed("name", path, error.to_string()))
    }

    async fn put_at(&self, key: &Path, content: Bytes) -> Result<(), Error> {
        if content.len() <= PART {
            return self.store.put(key, content.into()).await.map(drop);
        }
        let (store, key) = (Arc::clone(&self.store), key.clone());
        let begun = to_the_end(async move {
            let upload = store.put_multipart(&key).await?;
            Ok(Upload(Some(WriteMultipart::new_with_chunk_size(upload, PART))))
        });
        begun.await?.write(content).await
    }

    /// One try to create an object that carries `mark`.
    async fn try_create(&self, key: &Path, content: Bytes, mark: &str) -> Result<(), Error> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::Metadata(MARK.into()), mark.to_owned().into());
        let options = PutOptions { mode: PutMode::Create, attributes, ..PutOptions::default() };
        self.store.put_opts(key, content.into(), options).await.map(drop)
    }

    /// The mark of what is there: None when nothing is, empty when it has none.
    async fn mark_of(&self, key: &Path) -> Result<Option<String>, Error> {
        match self.store.get_opts(key, GetOptions { head: true, ..GetOptions::default() }).await {
            Ok(found) => {
                let mark = found.attributes.get(&Attribute::Metadata(MARK.into()));
                Ok(Some(mark.map(|mark| mark.to_string()).unwrap_or_default()))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One try to create, and where it was refused, whose object is there. None: a conflict that left nothing behind.
    async fn create_or_look(&self, key: &Path, content: Bytes, mark: &str) -> Result<Option<Creation>, Error> {
        match self.try_create(key, content, mark).await {
            Ok(()) => Ok(Some(Creation::Created)),
            Err(Error::AlreadyExists { .. }) => Ok(self.mark_of(key).await?.map(|found| match found == mark {
                true => Creation::Created,
                false => Creation::Exists,
            })),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Storage for S3Storage {
    async fn put(&self, path: &str, content: Bytes) -> Result<(), StateError> {
        self.put_at(&self.key(path)?, content).await.map_err(|error| failed("write", path, innermost(&error)))
    }

    async fn create(&self, path: &str, content: Bytes) -> Result<Creation, StateError> {
        let (key, mark) = (self.key(path)?, uuid::Uuid::new_v4().simple().to_string());
        let (begun, mut pause) = (Instant::now(), PAUSE);
        loop {
            let unclear = match self.create_or_look(&key, content.clone(), &mark).await {
                Ok(Some(creation)) => return Ok(creation),
                Ok(None) => failed("create", path, "it keeps reporting a conflict with another writer".to_owned()),
                Err(error) if is_not_implemented(&error) => {
                    let source = std::io::Error::new(std::io::ErrorKind::Unsupported, innermost(&error));
                    return Err(StateError::Storage { action: "create", path: path.to_owned(), source });
                }
                Err(error) if is_final(&error) => return Err(failed("create", path, innermost(&error))),
                Err(error) => failed("create", path, innermost(&error)),
            };
            if begun.elapsed() + pause > self.limits.patience {
                return Err(unclear);
            }
            tracing::info!(%unclear, "the outcome is looked up");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, StateError> {
        let key = self.key(path)?;
        let read = async { self.store.get(&key).await?.bytes().await };
        match read.await {
            Ok(content) => Ok(Some(content)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("read", path, innermost(&error))),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        let found = self.store.list(Some(&self.key(prefix)?)).map_ok(|object| object.location);
        let found: Vec<Path> = found.try_collect().await.map_err(|error| failed("list", prefix, innermost(&error)))?;
        let relative = |key: &Path| Some(key.as_ref().strip_prefix(&*self.prefix)?.to_owned());
        Ok(found.iter().filter_map(relative).collect())
    }

    async fn delete(&self, path: &str) -> Result<(), StateError> {
        match self.store.delete(&self.key(path)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("delete", path, innermost(&error))),
        }
    }

    async fn delete_all(&self, paths: Vec<String>) -> Result<(), StateError> {
        let own = self.clone();
        let deletions = futures::stream::iter(paths).map(move |path| {
            let own = own.clone();
            async move { own.delete(&path).await }
        });
        deletions.buffer_unordered(16).try_collect().await
    }
}

/// A file that goes up in parts. Parts that nobody completes cost money until a rule of the bucket clears them away, so they
/// are taken back when the upload fails or its caller goes away.
struct Upload(Option<WriteMultipart>);

impl Upload {
    async fn write(mut self, mut content: Bytes) -> Result<(), Error> {
        while let Some(upload) = self.0.as_mut().filter(|_| !content.is_empty()) {
            upload.wait_for_capacity(PARTS_AT_ONCE).await?;
            upload.put(content.split_to(content.len().min(PART)));
        }
        if let Some(upload) = &mut self.0 {
            upload.wait_for_capacity(0).await?;
        }
        match self.0.take() {
            Some(upload) => to_the_end(upload.finish()).await.map(drop),
            None => Ok(()),
        }
    }
}

/// A step whose answer must be heard although the caller goes away meanwhile: else the store has an upload that nobody knows.
async fn to_the_end<T: Send + 'static>(
    step: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let gone = |source| Error::Generic { store: "S3", source: Box::new(source) };
    tokio::spawn(step).await.map_err(gone)?
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::info!(error = innermost(&error), "parts of a file stay in the store");
                }
            });
        }
    }
}

/// The error of `action`, with what the store or the network said, and nothing of the request.
fn failed(action: &'static str, path: &str, problem: String) -> StateError {
    StateError::Storage { action, path: path.to_owned(), source: std::io::Error::other(problem) }
}

/// Text of the cause at the bottom.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// True for an answer that another try would not change.
fn is_final(error: &Error) -> bool {
    refusal(error).is_some() || matches!(error, Error::PermissionDenied { .. } | Error::Unauthenticated { .. })
}

fn is_not_implemented(error: &Error) -> bool {
    refusal(error).is_some_and(|refused| refused.status == http::StatusCode::NOT_IMPLEMENTED)
}

fn refusal(error: &Error) -> Option<&Refused> {
    let mut cause: &dyn std::error::Error = error;
    loop {
        match cause.downcast_ref::<Refused>() {
            Some(refused) => return Some(refused),
            None => cause = cause.source()?,
        }
    }
}
