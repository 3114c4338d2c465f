//! The Python DB-API driver `confluent-sql`, unmodified (clients/README 5).

use std::time::Duration;

use crate::clients;
use crate::need::{Part, need};
use crate::service::{Options, Service};
use crate::workplace::Workplace;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_db_api_driver_works_unmodified() {
    if !need(&[Part::Python]) {
        return;
    }
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let url = service.url();
    let (key, secret) = &place.flink_key;
    let (global_key, global_secret) = &service.admin;
    let arguments = [
        url.as_str(),
        &place.organization,
        &place.environment,
        &place.pool,
        &place.cluster_name,
        key,
        secret,
        global_key,
        global_secret,
    ];
    println!("{}", clients::python("confluent_sql_driver.py", &arguments, Duration::from_secs(120)).await);
}
