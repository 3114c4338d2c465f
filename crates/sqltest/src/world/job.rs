//! One plan as one or two jobs on virtual time, in one of three [`Way`]s.

use std::sync::Arc;
use std::time::Duration;

use nutkin_engine::{
    Job, JobContext, JobEvent, JobEvents, JobHandle, JobSpec, MemoryCluster, MemoryTables, NoSchemas, RuntimeClock,
};
use nutkin_plan::Plan;
use nutkin_state::{CheckpointStore, MemoryStorage};

use super::schedule::{Feed, Stage};
use crate::random::Random;
use crate::refusal::Refusal;

/// How a streaming case is run. All ways must give the same tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One subtask, row by row: gives Flink's changelog to the row.
    Straight,
    /// Parallelism 2, batches of random sizes at random times, checkpoints between them.
    Parallel,
    /// Stopped with a savepoint somewhere, and gone on with at parallelism 3.
    Restored,
}

impl Way {
    pub const ALL: [Way; 3] = [Way::Straight, Way::Parallel, Way::Restored];

    pub fn name(self) -> &'static str {
        match self {
            Way::Straight => "straight",
            Way::Parallel => "at parallelism 2 with random batches",
            Way::Restored => "restored at parallelism 3",
        }
    }
}

/// Where the jobs of one run of a case live.
#[derive(Debug)]
pub(super) struct Site {
    pub memory: MemoryTables,
    pub cluster: MemoryCluster,
    storage: Arc<MemoryStorage>,
    clock: RuntimeClock,
    /// Names the job, its checkpoints and its transactions.
    uid: String,
}

/// When a case begins, unless it says so: 2024-01-01T00:00:00Z.
pub const START: i64 = 1_704_067_200_000;
/// Virtual time between two checkpoints of a random run.
const SHORT_INTERVAL: Duration = Duration::from_millis(20);
/// Virtual time between two checkpoints of a straight run: as in the quickstart.
const INTERVAL: Duration = Duration::from_secs(1);
/// Virtual time between two watermarks of a topic.
const WATERMARK_INTERVAL: Duration = Duration::from_millis(200);
/// Virtual time after which a job that has not ended never will.
const NEVER: Duration = Duration::from_secs(600);

/// How often things happen by the clock. A case that lets days pass has them less often: each of them is real work.
#[derive(Debug, Clone, Copy)]
struct Pace {
    way: Way,
    /// Clock time that passes in the steps of the case.
    passing: Duration,
}

impl Pace {
    fn of(stages: &[Stage], way: Way) -> Pace {
        let passing = stages.iter().map(|stage| match stage {
            Stage::Advance(duration) => *duration,
            Stage::Feed(_) | Stage::Check(_) => Duration::ZERO,
        });
        Pace { way, passing: passing.sum() }
    }

    fn checkpoints(&self) -> Duration {
        let usual = match self.way {
            Way::Straight => INTERVAL,
            Way::Parallel | Way::Restored => SHORT_INTERVAL,
        };
        usual.max(self.passing / 200)
    }

    fn watermarks(&self) -> Duration {
        WATERMARK_INTERVAL.max(self.passing / 1000)
    }

    /// After which whatever can happen has happened and is committed.
    fn settled(&self) -> Duration {
        INTERVAL.max(self.checkpoints()).max(self.watermarks()) * 3
    }
}

/// Runs `work` in one thread on virtual time: waiting costs nothing.
pub(super) fn virtually<T>(work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.map_err(|error| Refusal::internal(format!("no runtime: {error}")))?.block_on(work)
}

/// What a run does besides waiting.
pub(super) struct Course<'a> {
    pub stages: &'a [Stage],
    /// False: the input stays open, and the job is stopped when everything has settled.
    pub ends: bool,
    /// Looks at the outputs at [`Stage::Check`].
    pub check: &'a mut dyn FnMut(usize) -> Result<(), Refusal>,
}

struct Running {
    handle: JobHandle,
    events: JobEvents,
}

impl Site {
    /// Must be called within [`virtually`]. `now` is the wall clock in milliseconds since the epoch.
    pub fn new(memory: MemoryTables, cluster: MemoryCluster, uid: &str, now: i64) -> Site {
        let clock = RuntimeClock::starting_at(now);
        Site { memory, cluster, storage: Arc::default(), clock, uid: uid.to_owned() }
    }

    /// Runs `plan` through the course in this way until it has ended.
    pub async fn run(&self, plan: &Plan, course: Course<'_>, way: Way, random: &mut Random) -> Result<(), Refusal> {
        let pace = Pace::of(course.stages, way);
        let mut job = self.start(plan, pace, random);
        let mut rows_to_stop = match way {
            Way::Restored => Some(random.below(rows(course.stages) + 1)),
            Way::Straight | Way::Parallel => None,
        };
        for stage in course.stages {
            match stage {
                Stage::Feed(feeds) if way == Way::Straight => {
                    for feed in feeds {
                        feed.give(self, 0..feed.len())?;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Stage::Feed(feeds) => {
                    let mut left = Left::new(feeds);
                    if let Some(rows) = rows_to_stop {
                        let some = rows.min(left.rows());
                        left.give(self, some, random).await?;
                        rows_to_stop = Some(rows - some);
                        if left.rows() > 0 {
                            rows_to_stop = None;
                            job = self.replaced(job, plan, pace, random).await?;
                        }
                    }
                    let rest = left.rows();
                    left.give(self, rest, random).await?;
                }
                Stage::Advance(duration) => tokio::time::sleep(*duration).await,
                Stage::Check(number) => {
                    tokio::time::sleep(pace.settled()).await;
                    (course.check)(*number)?;
                }
            }
        }
        if rows_to_stop.is_some() {
            job = self.replaced(job, plan, pace, random).await?;
        }
        match course.ends {
            true => course.stages.iter().for_each(|stage| stage.close(self)),
            false => {
                tokio::time::sleep(pace.settled()).await;
                job.handle.stop_with_savepoint();
            }
        }
        ended(job.events).await
    }

    fn start(&self, plan: &Plan, pace: Pace, random: &mut Random) -> Running {
        match pace.way {
            Way::Straight => self.start_job(plan, pace, 1, 1),
            Way::Parallel | Way::Restored => self.start_job(plan, pace, 2, 1 + random.below(64)),
        }
    }

    /// The job stopped with a savepoint, and another one that goes on from it at parallelism 3.
    async fn replaced(&self, job: Running, plan: &Plan, pace: Pace, random: &mut Random) -> Result<Running, Refusal> {
        tokio::time::sleep(Duration::from_millis(random.below(50) as u64)).await;
        job.handle.stop_with_savepoint();
        ended(job.events).await?;
        Ok(self.start_job(plan, pace, 3, 1 + random.below(64)))
    }

    fn start_job(&self, plan: &Plan, pace: Pace, parallelism: u32, batch_rows: usize) -> Running {
        let mut spec = JobSpec::new(&self.uid, &self.uid, plan.clone());
        (spec.parallelism, spec.settings.batch_rows) = (parallelism, batch_rows);
        spec.checkpoint_interval = pace.checkpoints();
        spec.settings.watermark_interval = pace.watermarks();
        let context = JobContext {
            clusters: Arc::new(self.cluster.clone()),
            schemas: Arc::new(NoSchemas),
            checkpoints: CheckpointStore::new(self.storage.clone()),
            clock: Arc::new(self.clock),
            memory: self.memory.clone(),
        };
        let (handle, events) = Job::start(spec, context);
        Running { handle, events }
    }
}

fn rows(stages: &[Stage]) -> usize {
    let feeds = stages.iter().filter_map(|stage| match stage {
        Stage::Feed(feeds) => Some(feeds),
        _ => None,
    });
    feeds.flatten().map(Feed::len).sum()
}

/// What is not given yet of feeds that may interleave.
struct Left<'a> {
    feeds: Vec<(&'a Feed, usize)>,
}

impl<'a> Left<'a> {
    fn new(feeds: &'a [Feed]) -> Left<'a> {
        Left { feeds: feeds.iter().map(|feed| (feed, 0)).collect() }
    }

    fn rows(&self) -> usize {
        self.feeds.iter().map(|(feed, given)| feed.len() - given).sum()
    }

    /// `count` rows, some at a time, of feeds in random turn.
    async fn give(&mut self, site: &Site, count: usize, random: &mut Random) -> Result<(), Refusal> {
        let most = (count / 12).max(4);
        let mut left = count;
        while left > 0 {
            let open: Vec<usize> =
                (0..self.feeds.len()).filter(|&index| self.feeds[index].1 < self.feeds[index].0.len()).collect();
            let Some(&chosen) = open.get(random.below(open.len())) else { break };
            let (feed, given) = &mut self.feeds[chosen];
            let taken = (1 + random.below(most)).min(feed.len() - *given).min(left);
            feed.give(site, *given..*given + taken)?;
            *given += taken;
            left -= taken;
            tokio::time::sleep(Duration::from_millis(random.below(30) as u64)).await;
        }
        Ok(())
    }
}

/// Waits for the end. Nothing outside can heal here, so a failure that a service would try again is the end, too.
async fn ended(mut events: JobEvents) -> Result<(), Refusal> {
    let end = async {
        while let Some(event) = events.next().await {
            match event {
                JobEvent::Finished | JobEvent::Stopped { .. } => return Ok(()),
                JobEvent::Failed { cause } | JobEvent::Restarting { cause, .. } => return Err(cause.into()),
                JobEvent::Running { .. } | JobEvent::CheckpointCompleted { .. } | JobEvent::Warning { .. } => {}
            }
        }
        Err(Refusal::internal("the job was lost"))
    };
    let never = |_| Refusal::internal("the job did not end although all its input has");
    tokio::time::timeout(NEVER, end).await.map_err(never)?
}
