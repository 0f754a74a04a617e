//! Network zones as decisions read them: which addresses are inside, and whether a network condition holds.

use std::net::IpAddr;
use std::sync::Arc;

use imbl::HashMap;
use serde_json::Value;

use super::network::Network;

/// The active zones that know their addresses, by id. A zone of locations or services contains no address: where an
/// address is, is not known here.
pub type Zones = HashMap<Arc<str>, Arc<Zone>>;

/// An active zone of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    gateways: Vec<Gateway>,
    /// Whether the zone blocks instead of being named in conditions.
    blocks: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Gateway {
    Block(Network),
    Range(IpAddr, IpAddr),
}

impl Zone {
    /// The zone of a document; none for one that is inactive or of another type.
    pub fn of(value: &Value) -> Option<Self> {
        let is = |name: &str, text: &str| value.get(name).is_some_and(|own| own == text);
        if !is("type", "IP") || !is("status", "ACTIVE") {
            return None;
        }
        let gateways = value.get("gateways").and_then(Value::as_array).into_iter().flatten();
        let gateways = gateways.filter_map(|gateway| Gateway::parse(gateway.get("value")?.as_str()?));
        Some(Self { gateways: gateways.collect(), blocks: is("usage", "BLOCKLIST") })
    }

    /// Whether an address is inside.
    pub fn contains(&self, peer: IpAddr) -> bool {
        self.gateways.iter().any(|gateway| gateway.contains(peer))
    }
}

impl Gateway {
    /// Reads a block (`10.0.0.0/8`) or a range (`10.0.0.1-10.0.0.9`).
    fn parse(text: &str) -> Option<Self> {
        match text.split_once('-') {
            Some((first, last)) => Some(Self::Range(first.trim().parse().ok()?, last.trim().parse().ok()?)),
            None => Network::parse(text.trim()).map(Self::Block),
        }
    }

    fn contains(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        match self {
            Self::Block(network) => network.contains(peer),
            Self::Range(first, last) => first.is_ipv4() == peer.is_ipv4() && (*first..=*last).contains(&peer),
        }
    }
}

/// From where something may be done: `{"connection":"ZONE","include":[…],"exclude":[…]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkCondition {
    include: Vec<Arc<str>>,
    exclude: Vec<Arc<str>>,
}

impl NetworkCondition {
    /// The condition of a token, a policy or a rule; none where everywhere will do.
    pub fn of(value: Option<&Value>) -> Option<Self> {
        let value = value.filter(|value| value.get("connection").is_some_and(|own| own == "ZONE"))?;
        let ids = |name: &str| {
            let ids = value.get(name).and_then(Value::as_array).into_iter().flatten();
            ids.filter_map(Value::as_str).map(Arc::from).collect()
        };
        let condition = Self { include: ids("include"), exclude: ids("exclude") };
        (condition != Self::default()).then_some(condition)
    }

    /// Whether it holds for an address: inside one of the zones that are included, if any are, and in none that is
    /// excluded. `ALL_ZONES` is every zone that does not block.
    pub fn holds(&self, zones: &Zones, peer: IpAddr) -> bool {
        let inside = |id: &Arc<str>| match &**id {
            "ALL_ZONES" => zones.values().any(|zone| !zone.blocks && zone.contains(peer)),
            _ => zones.get(id).is_some_and(|zone| zone.contains(peer)),
        };
        (self.include.is_empty() || self.include.iter().any(inside)) && !self.exclude.iter().any(inside)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn zone(usage: &str, gateways: &[&str]) -> Arc<Zone> {
        let gateways: Vec<_> = gateways.iter().map(|value| json!({ "value": value })).collect();
        let value = json!({ "type": "IP", "status": "ACTIVE", "usage": usage, "gateways": gateways });
        Arc::new(Zone::of(&value).unwrap())
    }

    #[test]
    fn a_condition_holds_inside_what_it_includes_and_outside_what_it_excludes() {
        let zones: Zones = [
            ("office", zone("POLICY", &["10.0.0.0/8", "192.0.2.5-192.0.2.9"])),
            ("guests", zone("POLICY", &["10.9.0.0/16"])),
            ("blocked", zone("BLOCKLIST", &["203.0.113.7"])),
        ]
        .into_iter()
        .map(|(id, zone)| (Arc::from(id), zone))
        .collect();
        for (include, exclude, peer, holds) in [
            (json!(["office"]), json!([]), "10.1.1.1", true),
            (json!(["office"]), json!([]), "::ffff:10.1.1.1", true),
            (json!(["office"]), json!([]), "192.0.2.9", true),
            (json!(["office"]), json!([]), "192.0.2.10", false),
            (json!(["office"]), json!([]), "2001:db8::1", false),
            (json!(["office"]), json!(["guests"]), "10.9.1.1", false),
            (json!([]), json!(["office"]), "10.1.1.1", false),
            (json!([]), json!(["office"]), "11.1.1.1", true),
            (json!(["nowhere"]), json!([]), "10.1.1.1", false),
            (json!([]), json!(["nowhere"]), "10.1.1.1", true),
            (json!(["ALL_ZONES"]), json!([]), "10.1.1.1", true),
            (json!(["ALL_ZONES"]), json!([]), "203.0.113.7", false),
            (json!([]), json!(["ALL_ZONES"]), "11.1.1.1", true),
        ] {
            let value = json!({ "connection": "ZONE", "include": include, "exclude": exclude });
            let condition = NetworkCondition::of(Some(&value));
            let found = condition.unwrap().holds(&zones, peer.parse().unwrap());
            assert_eq!(found, holds, "{value} {peer}");
        }
        for value in
            [json!({ "connection": "ANYWHERE", "include": ["office"] }), json!({ "connection": "ZONE" })]
        {
            assert_eq!(NetworkCondition::of(Some(&value)), None, "{value}");
        }
    }

    #[test]
    fn zones_without_addresses_contain_none() {
        for value in [
            json!({ "type": "DYNAMIC", "status": "ACTIVE", "locations": [{ "country": "US" }] }),
            json!({ "type": "IP", "status": "INACTIVE", "gateways": [{ "value": "0.0.0.0/0" }] }),
        ] {
            assert_eq!(Zone::of(&value), None);
        }
    }
}
