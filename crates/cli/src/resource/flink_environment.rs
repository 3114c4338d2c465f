//! `nutkin flink environment`: environment, Kafka cluster and compute pool in one step (decisions 6 and 20).

use clap::{Args, Subcommand};
use serde::Serialize;

use super::reply::Reply;
use super::{Common, Verb, verbs};
use crate::client::Client;
use crate::error::Result;
use crate::profile::Profile;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes an environment, a Kafka cluster and a compute pool
    #[command(after_help = "Examples:\n  nutkin flink environment create --name my_environment\n  \
                            nutkin flink environment create --name my_environment --region us-east-1 --flink-version 2.2 --cfu 10")]
    Create(Create),
}

verbs!(Create);

#[derive(Debug, Args)]
pub struct Create {
    /// Name of the environment; cluster and pool are called after it
    #[arg(long)]
    name: String,
    /// aws, azure or gcp; a name only, everything runs here
    #[arg(long, default_value = "aws")]
    cloud: String,
    /// Region of that cloud; a name only
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Version of Flink whose SQL is spoken
    #[arg(long, default_value = "2.2", value_parser = ["2.2", "2.2.0", "2.2.1"])]
    flink_version: String,
    /// The most CFUs of the compute pool
    #[arg(long, default_value_t = 5)]
    cfu: u32,
    #[command(flatten)]
    common: Common,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Made {
    environment: String,
    name: String,
    cluster: String,
    cluster_name: String,
    compute_pool: String,
    compute_pool_name: String,
    max_cfu: u32,
    cloud: String,
    region: String,
    flink_version: String,
}

impl Verb for Create {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, _: &Profile) -> Result<Reply> {
        let environment = client.create_environment(&self.name, "ESSENTIALS").await?;
        let made = match self.fill(client, &environment.id).await {
            Ok(made) => made,
            Err(error) => {
                // Half of it is of no use; what cannot be taken back is in the list of environments.
                let _ = client.delete_environment(&environment.id).await;
                return Err(error);
            }
        };
        let fields = vec![
            ("Environment", format!("{} ({})", made.environment, made.name)),
            ("Kafka Cluster", format!("{} ({})", made.cluster, made.cluster_name)),
            ("Compute Pool", format!("{} ({})", made.compute_pool, made.compute_pool_name)),
            ("Max CFU", made.max_cfu.to_string()),
            ("Cloud", made.cloud.to_lowercase()),
            ("Region", made.region.clone()),
            ("Flink Version", made.flink_version.clone()),
            ("Next", format!("nutkin shell --environment {} --compute-pool {}", made.environment, made.compute_pool)),
        ];
        Ok(Reply::record(&made, fields))
    }
}

impl Create {
    async fn fill(&self, client: &Client, environment: &str) -> Result<Made> {
        let cloud = self.cloud.to_uppercase();
        let cluster_name = format!("{}_kafka-cluster", self.name);
        let pool_name = format!("{}_compute-pool", self.name);
        let pool = client.create_pool(environment, &pool_name, &cloud, &self.region, self.cfu).await?;
        let cluster =
            client.create_cluster(environment, &cluster_name, &cloud, &self.region, "Basic", "SINGLE_ZONE").await;
        if cluster.is_err() {
            let _ = client.delete_pool(environment, &pool.id).await;
        }
        Ok(Made {
            environment: environment.to_owned(),
            name: self.name.clone(),
            cluster: cluster?.id,
            cluster_name,
            compute_pool: pool.id,
            compute_pool_name: pool_name,
            max_cfu: self.cfu,
            cloud,
            region: self.region.clone(),
            flink_version: self.flink_version.clone(),
        })
    }
}
