//! The topics of a cluster: names, ids, partitions, settings.
//!
//! The truth is one file, `metadata.json`, replaced as a whole. Directories are made before a topic is entered and removed
//! after it is taken out, so a crash leaves at most directories that the next start removes. In memory a topic is an
//! immutable value behind an `Arc`; changes put a new one in its place.

pub mod config;
pub mod partition;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kafka_protocol::ResponseError;
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::now_ms;
use crate::error::{Error, storage};
use crate::files::write_atomic;
use crate::options::Fsync;
use config::{Overrides, log_config};
use partition::Partition;

/// Most partitions of one topic.
const MAX_PARTITIONS: i32 = 10_000;

/// A topic as it is now.
#[derive(Clone)]
pub struct Topic {
    /// Name.
    pub name: String,
    /// Id; a topic made again under its old name has another one.
    pub id: Uuid,
    /// Replication factor as it was asked for.
    pub replication: i16,
    /// Settings that differ from the defaults.
    pub overrides: Overrides,
    /// Partitions by number.
    pub partitions: Vec<Arc<Partition>>,
}

/// A refusal with Kafka's error code and what is wrong.
pub type Refusal = (ResponseError, String);

#[derive(Serialize, Deserialize)]
struct StoredTopic {
    name: String,
    id: Uuid,
    partitions: i32,
    replication: i16,
    overrides: Overrides,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    topics: Vec<StoredTopic>,
}

#[derive(Default)]
struct Known {
    by_name: BTreeMap<String, Arc<Topic>>,
    by_id: HashMap<Uuid, String>,
}

/// All topics.
pub struct Topics {
    dir: PathBuf,
    fsync: Fsync,
    known: RwLock<Known>,
    /// Held while a change is carried out: changes come one after the other.
    changing: Mutex<()>,
}

/// What a new topic is to be.
#[derive(Clone, Debug)]
pub struct NewTopic {
    /// Name.
    pub name: String,
    /// Number of partitions.
    pub partitions: i32,
    /// Replication factor, 1 to 3; more than 1 is only reported.
    pub replication: i16,
    /// Settings that differ from the defaults.
    pub overrides: Overrides,
}

/// Whether Kafka accepts the name.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > 249 || name == "." || name == ".." || !name.bytes().all(legal) {
        let reason = format!("topic name '{name}' must be 1 to 249 letters, digits, '.', '_' or '-', not '.' or '..'");
        return Err((ResponseError::InvalidTopicException, reason));
    }
    Ok(())
}

fn storage_refusal(error: std::io::Error) -> Refusal {
    (ResponseError::KafkaStorageError, format!("NUTKIN-4003: the topic could not be stored: {error}"))
}

impl Topics {
    /// Loads `metadata.json` in `dir` and opens every log. Blocks.
    pub fn open(dir: &Path, fsync: Fsync) -> Result<Self, Error> {
        let logs = dir.join("topics");
        fs::create_dir_all(&logs).map_err(storage(&logs))?;
        let path = dir.join("metadata.json");
        let stored = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::Corrupt { path: path.clone(), reason: error.to_string() })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Stored { format: 1, topics: Vec::new() },
            Err(source) => return Err(Error::Storage { path, source }),
        };
        if stored.format != 1 {
            let reason = format!("format {} is from a newer version", stored.format);
            return Err(Error::Corrupt { path, reason });
        }
        let topics = Self { dir: dir.to_owned(), fsync, known: RwLock::default(), changing: Mutex::new(()) };
        let keep: HashSet<String> = stored.topics.iter().map(|topic| topic.id.to_string()).collect();
        for entry in fs::read_dir(&logs).map_err(storage(&logs))? {
            let entry = entry.map_err(storage(&logs))?;
            if !entry.file_name().to_str().is_some_and(|name| keep.contains(name)) {
                fs::remove_dir_all(entry.path()).map_err(storage(entry.path()))?;
            }
        }
        for topic in stored.topics {
            let mut partitions = Vec::new();
            for index in 0..topic.partitions {
                let dir = topics.log_dir(topic.id, index);
                fs::create_dir_all(&dir).map_err(storage(&dir))?;
                partitions.push(topics.open_partition(&topic.name, topic.id, index, &topic.overrides));
            }
            let StoredTopic { name, id, replication, overrides, .. } = topic;
            topics.enter(Topic { name, id, replication, overrides, partitions });
        }
        Ok(topics)
    }

    fn log_dir(&self, id: Uuid, index: i32) -> PathBuf {
        self.dir.join("topics").join(id.to_string()).join(index.to_string())
    }

    fn open_partition(&self, name: &str, id: Uuid, index: i32, overrides: &Overrides) -> Arc<Partition> {
        let dir = self.log_dir(id, index);
        Arc::new(Partition::open(name, index, dir, log_config(overrides), self.fsync, now_ms()))
    }

    fn enter(&self, topic: Topic) {
        let mut known = self.known.write();
        known.by_id.insert(topic.id, topic.name.clone());
        known.by_name.insert(topic.name.clone(), Arc::new(topic));
    }

    /// Writes the metadata file with `changed` in place of the topic of its name, or without the topic `removed`.
    fn store(&self, changed: Option<&Topic>, removed: Option<&str>) -> std::io::Result<()> {
        let mut all: BTreeMap<String, Arc<Topic>> = self.known.read().by_name.clone();
        if let Some(topic) = changed {
            all.insert(topic.name.clone(), Arc::new(topic.clone()));
        }
        if let Some(name) = removed {
            all.remove(name);
        }
        let topics = all.values().map(|topic| StoredTopic {
            name: topic.name.clone(),
            id: topic.id,
            partitions: topic.partitions.len() as i32,
            replication: topic.replication,
            overrides: topic.overrides.clone(),
        });
        let bytes = serde_json::to_vec_pretty(&Stored { format: 1, topics: topics.collect() })?;
        write_atomic(&self.dir.join("metadata.json"), &bytes, self.fsync != Fsync::Never)
    }

    /// The topic of this name.
    pub fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.known.read().by_name.get(name).cloned()
    }

    /// The topic with this id.
    pub fn by_id(&self, id: Uuid) -> Option<Arc<Topic>> {
        let known = self.known.read();
        known.by_name.get(known.by_id.get(&id)?).cloned()
    }

    /// Every topic, by name.
    pub fn all(&self) -> Vec<Arc<Topic>> {
        self.known.read().by_name.values().cloned().collect()
    }

    /// One partition.
    pub fn partition(&self, topic: &str, index: i32) -> Option<Arc<Partition>> {
        self.get(topic)?.partitions.get(usize::try_from(index).ok()?).cloned()
    }

    /// Checks a topic that is to be made.
    pub fn check_new(&self, new: &NewTopic) -> Result<(), Refusal> {
        check_name(&new.name)?;
        if self.get(&new.name).is_some() {
            return Err((ResponseError::TopicAlreadyExists, format!("topic '{}' exists already", new.name)));
        }
        if !(1..=MAX_PARTITIONS).contains(&new.partitions) {
            let reason = format!("the number of partitions must be 1 to {MAX_PARTITIONS}, not {}", new.partitions);
            return Err((ResponseError::InvalidPartitions, reason));
        }
        if !(1..=3).contains(&new.replication) {
            let reason = format!("the replication factor must be 1 to 3, not {}", new.replication);
            return Err((ResponseError::InvalidReplicationFactor, reason));
        }
        for (name, value) in &new.overrides {
            config::check(name, value).map_err(|reason| (ResponseError::InvalidConfig, reason))?;
        }
        Ok(())
    }

    /// Makes a topic. Blocks.
    pub fn create(&self, new: NewTopic) -> Result<Arc<Topic>, Refusal> {
        let _changing = self.changing.lock();
        self.check_new(&new)?;
        let NewTopic { name, partitions: count, replication, overrides } = new;
        let id = Uuid::new_v4();
        let partitions = self.make_partitions(&name, id, 0..count, &overrides)?;
        let topic = Topic { name, id, replication, overrides, partitions };
        if let Err(error) = self.store(Some(&topic), None) {
            let _ = fs::remove_dir_all(self.dir.join("topics").join(id.to_string()));
            return Err(storage_refusal(error));
        }
        self.enter(topic.clone());
        Ok(Arc::new(topic))
    }

    fn make_partitions(
        &self,
        name: &str,
        id: Uuid,
        range: std::ops::Range<i32>,
        overrides: &Overrides,
    ) -> Result<Vec<Arc<Partition>>, Refusal> {
        let mut partitions = Vec::new();
        for index in range {
            let partition = fs::create_dir_all(self.log_dir(id, index))
                .map(|()| self.open_partition(name, id, index, overrides))
                .map_err(storage_refusal)?;
            if !partition.is_available() {
                let reason = "NUTKIN-4003: a log of the topic could not be made".to_owned();
                return Err((ResponseError::KafkaStorageError, reason));
            }
            partitions.push(partition);
        }
        Ok(partitions)
    }

    /// Deletes a topic and its files. Blocks.
    pub fn delete(&self, name: &str) -> Result<(), Refusal> {
        let _changing = self.changing.lock();
        let topic = self.get(name).ok_or_else(|| unknown(name))?;
        self.store(None, Some(name)).map_err(storage_refusal)?;
        let mut known = self.known.write();
        known.by_name.remove(name);
        known.by_id.remove(&topic.id);
        drop(known);
        topic.partitions.iter().for_each(|partition| partition.delete());
        let dir = self.dir.join("topics").join(topic.id.to_string());
        if let Err(error) = fs::remove_dir_all(&dir) {
            tracing::warn!(topic = name, dir = %dir.display(), %error, "files of a deleted topic stay until the next start");
        }
        Ok(())
    }

    /// Raises the number of partitions. Blocks.
    pub fn grow(&self, name: &str, count: i32, validate_only: bool) -> Result<(), Refusal> {
        let _changing = self.changing.lock();
        let topic = self.get(name).ok_or_else(|| unknown(name))?;
        let have = topic.partitions.len() as i32;
        if count <= have || count > MAX_PARTITIONS {
            let reason =
                format!("topic '{name}' has {have} partitions; it can get up to {MAX_PARTITIONS}, not {count}");
            return Err((ResponseError::InvalidPartitions, reason));
        }
        if validate_only {
            return Ok(());
        }
        let mut grown = (*topic).clone();
        grown.partitions.extend(self.make_partitions(name, topic.id, have..count, &topic.overrides)?);
        self.store(Some(&grown), None).map_err(storage_refusal)?;
        self.enter(grown);
        Ok(())
    }

    /// Replaces the settings of a topic by what `change` makes of them. Blocks.
    pub fn configure(
        &self,
        name: &str,
        validate_only: bool,
        change: impl FnOnce(&mut Overrides) -> Result<(), String>,
    ) -> Result<(), Refusal> {
        let _changing = self.changing.lock();
        let topic = self.get(name).ok_or_else(|| unknown(name))?;
        let mut changed = (*topic).clone();
        let checked = change(&mut changed.overrides)
            .and_then(|()| changed.overrides.iter().try_for_each(|(name, value)| config::check(name, value)));
        checked.map_err(|reason| (ResponseError::InvalidConfig, reason))?;
        if validate_only || changed.overrides == topic.overrides {
            return Ok(());
        }
        self.store(Some(&changed), None).map_err(storage_refusal)?;
        let config = log_config(&changed.overrides);
        for partition in &changed.partitions {
            // An offline partition has no log that could act on it.
            let _ = partition.with_log(|log| {
                log.configure(config);
                Ok(())
            });
        }
        self.enter(changed);
        Ok(())
    }
}

fn unknown(name: &str) -> Refusal {
    (ResponseError::UnknownTopicOrPartition, format!("topic '{name}' does not exist"))
}
