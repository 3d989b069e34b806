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
        name: "Annotate-BIGI4jTa.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-BIGI4jTa.js"),
        gzip: include_bytes!("dist/assets/Annotate-BIGI4jTa.js.gz"),
    },
    Asset {
        name: "Annotate-C_GaldZU.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-C_GaldZU.css"),
        gzip: include_bytes!("dist/assets/Annotate-C_GaldZU.css.gz"),
    },
    Asset {
        name: "Changes-2qDpnr2e.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-2qDpnr2e.js"),
        gzip: include_bytes!("dist/assets/Changes-2qDpnr2e.js.gz"),
    },
    Asset {
        name: "Changes-B6vs4yMC.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-B6vs4yMC.css"),
        gzip: include_bytes!("dist/assets/Changes-B6vs4yMC.css.gz"),
    },
    Asset {
        name: "Graph-CKx5FeT_.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-CKx5FeT_.css"),
        gzip: include_bytes!("dist/assets/Graph-CKx5FeT_.css.gz"),
    },
    Asset {
        name: "Graph-D2UqKu47.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-D2UqKu47.js"),
        gzip: include_bytes!("dist/assets/Graph-D2UqKu47.js.gz"),
    },
    Asset {
        name: "GraphView-CmqFRQPi.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-CmqFRQPi.css"),
        gzip: include_bytes!("dist/assets/GraphView-CmqFRQPi.css.gz"),
    },
    Asset {
        name: "GraphView-KOfM1iFp.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-KOfM1iFp.js"),
        gzip: include_bytes!("dist/assets/GraphView-KOfM1iFp.js.gz"),
    },
    Asset {
        name: "Lineage-BtGYmTWh.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-BtGYmTWh.js"),
        gzip: include_bytes!("dist/assets/Lineage-BtGYmTWh.js.gz"),
    },
    Asset {
        name: "Lineage-CdWd3WJm.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-CdWd3WJm.css"),
        gzip: include_bytes!("dist/assets/Lineage-CdWd3WJm.css.gz"),
    },
    Asset {
        name: "Query-B_tqaG16.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-B_tqaG16.js"),
        gzip: include_bytes!("dist/assets/Query-B_tqaG16.js.gz"),
    },
    Asset {
        name: "Query-DEq36mnr.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-DEq36mnr.css"),
        gzip: include_bytes!("dist/assets/Query-DEq36mnr.css.gz"),
    },
    Asset {
        name: "Views-D0GS_z4b.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-D0GS_z4b.css"),
        gzip: include_bytes!("dist/assets/Views-D0GS_z4b.css.gz"),
    },
    Asset {
        name: "Views-lkPcu9Ym.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-lkPcu9Ym.js"),
        gzip: include_bytes!("dist/assets/Views-lkPcu9Ym.js.gz"),
    },
    Asset {
        name: "editor-DEN4OJFR.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/editor-DEN4OJFR.js"),
        gzip: include_bytes!("dist/assets/editor-DEN4OJFR.js.gz"),
    },
    Asset {
        name: "index-CLanWqhi.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/index-CLanWqhi.js"),
        gzip: include_bytes!("dist/assets/index-CLanWqhi.js.gz"),
    },
    Asset {
        name: "index-CbrwePzs.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/index-CbrwePzs.css"),
        gzip: include_bytes!("dist/assets/index-CbrwePzs.css.gz"),
    },
];
