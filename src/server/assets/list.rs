//! Written by `npm run build` in `web/`.

use super::Asset;

#[rustfmt::skip]
pub(super) const PAGE: Asset = Asset {
    name: "index.html",
    ty: "text/html; charset=utf-8",
    plain: include_bytes!("dist/index.html"),
    gzip: include_bytes!("dist/index.html.gz"),
};

#[rustfmt::skip]
pub(super) const FILES: &[Asset] = &[
    Asset {
        name: "Annotate-C_GaldZU.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-C_GaldZU.css"),
        gzip: include_bytes!("dist/assets/Annotate-C_GaldZU.css.gz"),
    },
    Asset {
        name: "Annotate-DuwyDb_k.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-DuwyDb_k.js"),
        gzip: include_bytes!("dist/assets/Annotate-DuwyDb_k.js.gz"),
    },
    Asset {
        name: "Changes-BJkrQ70Y.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-BJkrQ70Y.css"),
        gzip: include_bytes!("dist/assets/Changes-BJkrQ70Y.css.gz"),
    },
    Asset {
        name: "Changes-DJry_gbF.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-DJry_gbF.js"),
        gzip: include_bytes!("dist/assets/Changes-DJry_gbF.js.gz"),
    },
    Asset {
        name: "Graph-CKx5FeT_.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-CKx5FeT_.css"),
        gzip: include_bytes!("dist/assets/Graph-CKx5FeT_.css.gz"),
    },
    Asset {
        name: "Graph-PPLOyVLi.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-PPLOyVLi.js"),
        gzip: include_bytes!("dist/assets/Graph-PPLOyVLi.js.gz"),
    },
    Asset {
        name: "GraphView-Bbym35gy.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-Bbym35gy.js"),
        gzip: include_bytes!("dist/assets/GraphView-Bbym35gy.js.gz"),
    },
    Asset {
        name: "GraphView-CmqFRQPi.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-CmqFRQPi.css"),
        gzip: include_bytes!("dist/assets/GraphView-CmqFRQPi.css.gz"),
    },
    Asset {
        name: "Lineage-CdWd3WJm.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-CdWd3WJm.css"),
        gzip: include_bytes!("dist/assets/Lineage-CdWd3WJm.css.gz"),
    },
    Asset {
        name: "Lineage-Dn0UNrd4.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-Dn0UNrd4.js"),
        gzip: include_bytes!("dist/assets/Lineage-Dn0UNrd4.js.gz"),
    },
    Asset {
        name: "Query-BNe64dRi.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-BNe64dRi.js"),
        gzip: include_bytes!("dist/assets/Query-BNe64dRi.js.gz"),
    },
    Asset {
        name: "Query-DEq36mnr.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-DEq36mnr.css"),
        gzip: include_bytes!("dist/assets/Query-DEq36mnr.css.gz"),
    },
    Asset {
        name: "Views-BLpPEjic.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-BLpPEjic.js"),
        gzip: include_bytes!("dist/assets/Views-BLpPEjic.js.gz"),
    },
    Asset {
        name: "Views-D0GS_z4b.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-D0GS_z4b.css"),
        gzip: include_bytes!("dist/assets/Views-D0GS_z4b.css.gz"),
    },
    Asset {
        name: "editor-DEN4OJFR.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/editor-DEN4OJFR.js"),
        gzip: include_bytes!("dist/assets/editor-DEN4OJFR.js.gz"),
    },
    Asset {
        name: "index-BCHDCGYe.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/index-BCHDCGYe.css"),
        gzip: include_bytes!("dist/assets/index-BCHDCGYe.css.gz"),
    },
    Asset {
        name: "index-DgSOwsUq.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/index-DgSOwsUq.js"),
        gzip: include_bytes!("dist/assets/index-DgSOwsUq.js.gz"),
    },
];
