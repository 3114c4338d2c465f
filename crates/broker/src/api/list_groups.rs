//! ListGroups: with members, or only with committed offsets.

use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{ApiKey, ListGroupsRequest, ListGroupsResponse};

use super::errors::{group_id, text};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct ListGroups;

impl Endpoint for ListGroups {
    type Request = ListGroupsRequest;
    type Response = ListGroupsResponse;
    const KEY: ApiKey = ApiKey::ListGroups;
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "(@4+ s ) (@5+ s )";
    const FLEXIBLE: i16 = 3;

    async fn handle(call: &mut Call<'_>, request: ListGroupsRequest) -> Answer<ListGroupsResponse> {
        let everything = call.allowed(Operation::Describe, Resource::Cluster);
        let states = request.states_filter;
        let types = request.types_filter;
        let all = call.broker.groups.all().into_iter();
        let listed = all.filter(|(id, group)| {
            (everything || call.allowed(Operation::Describe, Resource::Group(id)))
                && (states.is_empty() || states.iter().any(|state| state.eq_ignore_ascii_case(group.phase.name())))
                && (types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case("classic")))
        });
        let groups = listed.map(|(id, group)| {
            ListedGroup::default()
                .with_group_id(group_id(&id))
                .with_protocol_type(text(group.protocol_type.unwrap_or_default()))
                .with_group_state(text(group.phase.name()))
                .with_group_type(text("classic"))
        });
        Answer::Send(ListGroupsResponse::default().with_groups(groups.collect()))
    }
}
