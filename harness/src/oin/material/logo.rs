//! OIN-062: what a machine can tell of a logo.

use imagesize::ImageType;

use super::Material;
use crate::oin::finding::Finding;

/// Pixels that the OIN takes.
const SIZES: &[(usize, usize)] = &[(244, 244), (200, 200), (244, 156), (156, 244)];
/// It has to be smaller.
const MEGABYTE: usize = 1_000_000;

/// OIN-062.
pub(super) fn logo(material: &Material<'_>) -> Finding {
    let name = &material.manifest.integration.logo;
    let bytes = match material.files.get(name) {
        _ if name.is_empty() => return Finding::fails("integration.logo is empty"),
        None => return Finding::not_judged(format!("{name} was not read")),
        Some(Err(cause)) => return Finding::fails(format!("{name} cannot be read ({cause})")),
        Some(Ok(bytes)) => bytes,
    };
    let mut faults = Vec::new();
    let kind = match imagesize::image_type(bytes) {
        Ok(ImageType::Png) => "PNG",
        Ok(ImageType::Jpeg) => "JPEG",
        Ok(ImageType::Gif) => "GIF",
        _ => return Finding::fails(format!("{name} is neither a PNG nor a JPEG nor a GIF")),
    };
    if bytes.len() >= MEGABYTE {
        faults.push(format!("{name} has {} bytes, and has to stay below a megabyte", bytes.len()));
    }
    let size = match imagesize::blob_size(bytes) {
        Ok(size) => (size.width, size.height),
        Err(error) => return Finding::fails(format!("{name} does not say how large it is ({error})")),
    };
    if !SIZES.contains(&size) {
        let known: Vec<String> = SIZES.iter().map(|(width, height)| format!("{width}x{height}")).collect();
        faults.push(format!("{name} has {}x{} pixels, and not {}", size.0, size.1, known.join(" or ")));
    }
    let sound = format!(
        "{kind}, {}x{} pixels, {} bytes; look whether it is an icon, with square corners, without a trademark sign",
        size.0,
        size.1,
        bytes.len()
    );
    Finding::of_faults(faults, sound)
}
