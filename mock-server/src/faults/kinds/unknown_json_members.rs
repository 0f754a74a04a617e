//! Every object of the body has members more that nobody documented.

use serde_json::{Map, Value, json};

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;

#[derive(Debug)]
struct UnknownJsonMembers {
    count: i64,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(UnknownJsonMembers { count: settings.integer("count") }))
}

impl Effect for UnknownJsonMembers {
    fn transform(&self, scene: &Scene<'_>, reply: &mut Reply) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return };
        match &mut body {
            Value::Object(object) => self.add(object, scene.random),
            Value::Array(elements) => {
                elements
                    .iter_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(|object| self.add(object, scene.random));
            }
            _ => return,
        }
        if let Ok(bytes) = serde_json::to_vec(&body) {
            reply.body = bytes.into();
        }
    }
}

impl UnknownJsonMembers {
    /// Members of every type in turn.
    fn add(&self, object: &mut Map<String, Value>, random: u64) {
        for nth in 0..self.count {
            let value = match nth % 5 {
                0 => json!({ "since": "2026.12.0", "value": random }),
                1 => json!("2026-12-01T00:00:00.000Z"),
                2 => json!([random, null]),
                3 => Value::Null,
                _ => json!(true),
            };
            object.insert(format!("zzNew{:08x}{nth}", random >> 32), value);
        }
    }
}
