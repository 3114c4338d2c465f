//! Typed resources over the store: one file per kind, all read and written through [`Resources`].

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Clock;
use crate::error::ControlError;
use crate::ids::resource_id;
use crate::store::{NewRecord, Query, Record, Store, StoreError};

pub mod api_key;
pub mod compute_pool;
pub mod environment;
pub mod kafka_cluster;
pub mod organization;
pub mod registry_cluster;
pub mod service_account;
pub mod table;
pub mod user;

pub use api_key::{ApiKey, KeyScope};
pub use compute_pool::ComputePool;
pub use environment::Environment;
pub use kafka_cluster::{ClusterFlavour, KafkaCluster};
pub use organization::Organization;
pub use registry_cluster::RegistryCluster;
pub use service_account::ServiceAccount;
pub use table::TableRecord;
pub use user::User;

/// A kind of resource that is kept as a JSON body.
pub trait Resource: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// Name of the kind in the store.
    const KIND: &'static str;
    /// What people call it in messages.
    const TITLE: &'static str;
    /// First part of its ids.
    const PREFIX: &'static str;

    /// Id of the resource that it belongs to; empty at the top.
    fn parent(&self) -> &str;

    /// Unique among its siblings; None lets equal names exist.
    fn unique_name(&self) -> Option<&str>;
}

/// A resource with what the store knows of it. Times are milliseconds since the epoch.
#[derive(Debug, Clone)]
pub struct Stored<R> {
    pub id: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub resource: R,
    record: Record,
}

impl<R: Resource> Stored<R> {
    /// A resource that is shown but kept nowhere.
    pub fn unsaved(id: String, resource: R, now: i64) -> Result<Stored<R>, ControlError> {
        let name = resource.unique_name().unwrap_or(&id).to_owned();
        let record = Record {
            kind: R::KIND.to_owned(),
            parent: resource.parent().to_owned(),
            name,
            version: 1,
            created_at: now,
            updated_at: now,
            body: String::new(),
            id,
        };
        Ok(stored(record, resource))
    }
}

/// A page of a list and where the next one begins.
#[derive(Debug)]
pub struct Page<R> {
    pub items: Vec<Stored<R>>,
    pub next: Option<String>,
    _kind: PhantomData<R>,
}

/// Reads and writes resources. Cheap to clone.
#[derive(Clone)]
pub struct Resources {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Resources {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Resources {
        Resources { store, clock }
    }

    pub fn now(&self) -> i64 {
        self.clock.now_millis()
    }

    /// Stores a new resource under a new id.
    pub async fn create<R: Resource>(&self, resource: R) -> Result<Stored<R>, ControlError> {
        let id = resource_id(R::PREFIX)?;
        self.create_as(id, resource).await
    }

    /// Stores a new resource under `id`.
    pub async fn create_as<R: Resource>(&self, id: String, resource: R) -> Result<Stored<R>, ControlError> {
        let name = resource.unique_name().unwrap_or(&id).to_owned();
        let (parent, body) = (resource.parent().to_owned(), to_json(&resource)?);
        let new = NewRecord { kind: R::KIND, id, parent, name: name.clone(), body, now: self.now() };
        match self.store.insert(new).await {
            Ok(record) => Ok(stored(record, resource)),
            Err(StoreError::Exists { .. }) => {
                Err(ControlError::Conflict(format!("{} {name} exists already. Choose another name.", R::TITLE)))
            }
            Err(other) => Err(other.into()),
        }
    }

    pub async fn get<R: Resource>(&self, id: &str) -> Result<Option<Stored<R>>, ControlError> {
        self.store.get(R::KIND, id).await?.map(read).transpose()
    }

    /// The resource, or a 404.
    pub async fn require<R: Resource>(&self, id: &str) -> Result<Stored<R>, ControlError> {
        self.get(id).await?.ok_or_else(|| ControlError::not_found(R::TITLE, id))
    }

    pub async fn find<R: Resource>(&self, parent: &str, name: &str) -> Result<Option<Stored<R>>, ControlError> {
        self.store.find(R::KIND, parent, name).await?.map(read).transpose()
    }

    /// Writes `resource` over `base`; 409 when somebody else wrote since `base` was read.
    pub async fn update<R: Resource>(&self, base: &Stored<R>, resource: R) -> Result<Stored<R>, ControlError> {
        let name = resource.unique_name().unwrap_or(&base.id).to_owned();
        let body = to_json(&resource)?;
        let record = self.store.update(&base.record, &name, &body, self.now()).await?;
        Ok(stored(record, resource))
    }

    pub async fn delete<R: Resource>(&self, base: &Stored<R>) -> Result<(), ControlError> {
        Ok(self.store.delete(&base.record).await?)
    }

    pub async fn page<R: Resource>(
        &self,
        parent: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<R>, ControlError> {
        let records = self.store.list(Query { kind: R::KIND, parent, after, limit: limit + 1 }).await?;
        let more = records.len() > limit as usize;
        let mut items = records.into_iter().map(read).collect::<Result<Vec<Stored<R>>, _>>()?;
        items.truncate(limit as usize);
        let next = if more { items.last().map(|item| item.id.clone()) } else { None };
        Ok(Page { items, next, _kind: PhantomData })
    }

    /// Every resource of the kind (below `parent`, if given).
    pub async fn all<R: Resource>(&self, parent: Option<&str>) -> Result<Vec<Stored<R>>, ControlError> {
        let mut found = Vec::new();
        self.each(parent, |stored| found.push(stored)).await?;
        Ok(found)
    }

    /// Hands every resource of the kind (below `parent`, if given) to `take`; a page of them is in memory at a time.
    pub async fn each<R: Resource>(
        &self,
        parent: Option<&str>,
        mut take: impl FnMut(Stored<R>) + Send,
    ) -> Result<(), ControlError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.page::<R>(parent, after.as_deref(), 500).await?;
            page.items.into_iter().for_each(&mut take);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

fn to_json<R: Resource>(resource: &R) -> Result<String, ControlError> {
    serde_json::to_string(resource).map_err(|e| ControlError::Internal(format!("{} cannot be stored: {e}", R::TITLE)))
}

fn read<R: Resource>(record: Record) -> Result<Stored<R>, ControlError> {
    let resource = nutkin_pool::json::from_slice(record.body.as_bytes()).map_err(|e| {
        ControlError::Internal(format!("{} {} in the state database cannot be read: {e}", R::TITLE, record.id))
    })?;
    Ok(stored(record, resource))
}

fn stored<R>(record: Record, resource: R) -> Stored<R> {
    Stored {
        id: record.id.clone(),
        version: record.version,
        created_at: record.created_at,
        updated_at: record.updated_at,
        resource,
        record,
    }
}
