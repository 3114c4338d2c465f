//! `nutkin quickstart`: everything embedded, a first pipeline, and its results (spec S002-038).

use std::io::IsTerminal;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nutkin_control::statement::Phase;

use crate::error::{Error, Result};
use crate::logging;
use crate::runtime;
use crate::service::{self, Running, Settings};

mod follow;
mod provision;

use follow::Follower;
use provision::Workplace;

/// Rows shown before the shell opens.
const SHOWN_ROWS: usize = 20;
/// How long the pipeline may take to its first rows before something must be wrong.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nutkin quickstart\n  nutkin quickstart --name my-flink-sql --max-cfu 10 --region us-east-1 --cloud aws\n  nutkin quickstart --check --data-dir /tmp/try"
)]
pub struct Arguments {
    /// Prefix of the names of what is made: <name>_environment, <name>_kafka-cluster
    #[arg(long, default_value = "nutkin")]
    name: String,
    /// Budget of the compute pool in CFUs
    #[arg(long, value_name = "N", default_value_t = 10)]
    max_cfu: u32,
    /// Region that is shown; this machine is in every region
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Cloud that is shown: aws, gcp or azure
    #[arg(long, default_value = "aws")]
    cloud: String,
    /// Where everything durable is kept
    #[arg(long, value_name = "DIR", env = "NUTKIN_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Where checkpoints are kept, as for serve: a directory, or s3://bucket/prefix [default: the data directory]
    #[arg(long, value_name = "DIR|URL", env = "NUTKIN_CHECKPOINTS")]
    checkpoints: Option<String>,
    /// Run unattended: read 20 result rows back from the topic, print a summary line, exit
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    let begun = Instant::now();
    logging::start("warn");
    let runtime = runtime::start("service")?;
    let interactive = !arguments.check && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let running = runtime.block_on(async {
        let running = service::start(settings(&arguments)).await?;
        let outcome = tokio::select! {
            outcome = show(&arguments, &running, begun) => outcome,
            () = service::interrupted() => Err(Error::Message("interrupted".to_owned())),
        };
        match outcome {
            Ok(workplace) => Ok((running, workplace)),
            Err(error) => {
                running.shutdown().await;
                Err(error)
            }
        }
    });
    let (running, workplace) = running?;
    let result = if interactive {
        println!("\nThe pipeline goes on while this shell is open. Ctrl-D ends both; data stays for the next start.");
        // The shell is a client like any other, with a runtime of its own; the service runs on this one.
        nutkin_cli::shell::run(workplace.shell(&running.url)).map_err(Error::from)
    } else {
        Ok(())
    };
    runtime.block_on(running.shutdown());
    result
}

fn settings(arguments: &Arguments) -> Settings {
    Settings {
        data_dir: arguments.data_dir.clone().unwrap_or_else(service::default_data_dir),
        listen: IpAddr::from([127, 0, 0, 1]),
        http_port: 8080,
        https_port: 8443,
        registry_port: 8081,
        kafka_port: 9092,
        any_port: true,
        external_url: None,
        advertised_host: None,
        database_url: None,
        anonymous_kafka: true,
        checkpoints: arguments.checkpoints.clone(),
        checkpoint_interval: Duration::from_secs(1),
        parallelism: 1,
        memory_per_cfu: crate::serve::DEFAULT_MEMORY_MIB << 20,
        sample_rows_per_second: 50,
        benchmark: false,
    }
}

async fn show(arguments: &Arguments, running: &Running, begun: Instant) -> Result<Workplace> {
    let ready = begun.elapsed();
    let workplace = provision::workplace(arguments, running).await?;
    if !arguments.check {
        workplace.introduce(running, ready);
        match workplace.profile(&running.url).save() {
            Ok(path) => println!("nutkin sql and nutkin shell find this service by {}.\n", path.display()),
            Err(error) => println!("nutkin sql and nutkin shell need --url and the key: {error}\n"),
        }
    }
    workplace.submit(running).await?;
    let mut follower =
        Follower::start(running, &workplace, &|| async { check_health(running, &workplace).await }).await?;
    let mut rows = 0;
    let mut first = None;
    while rows < SHOWN_ROWS {
        if begun.elapsed() > PATIENCE {
            return Err(Error::Message(format!("no {SHOWN_ROWS} result rows within {} s", PATIENCE.as_secs())));
        }
        check_health(running, &workplace).await?;
        for row in follower.next(Duration::from_millis(250)).await? {
            if first.is_none() {
                first = Some(begun.elapsed());
                if !arguments.check {
                    println!("{}", follower.heading());
                }
            }
            rows += 1;
            if !arguments.check && rows <= SHOWN_ROWS {
                println!("{row}");
            }
        }
    }
    println!(
        "{rows} rows read back from topic {}, first after {:.1} s, all after {:.1} s, service ready after {:.2} s, statement {}",
        provision::TABLE,
        first.unwrap_or_default().as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        ready.as_secs_f64(),
        provision::STATEMENT
    );
    Ok(workplace)
}

/// An error when the pipeline has come to an end, which it never should.
async fn check_health(running: &Running, workplace: &Workplace) -> Result<()> {
    let stored = running.control.statements.get(&workplace.environment, provision::STATEMENT).await?;
    let state = &stored.resource.state;
    match state.phase {
        Phase::Failed | Phase::Failing | Phase::Stopped | Phase::Completed => Err(Error::Message(format!(
            "statement {} is {}: {}",
            provision::STATEMENT,
            state.phase.name(),
            state.detail
        ))),
        _ => Ok(()),
    }
}
