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
        name: "Annotate-fkqC4BOI.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-fkqC4BOI.js"),
        gzip: include_bytes!("dist/assets/Annotate-fkqC4BOI.js.gz"),
    },
    Asset {
        name: "Changes-B6vs4yMC.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-B6vs4yMC.css"),
        gzip: include_bytes!("dist/assets/Changes-B6vs4yMC.css.gz"),
    },
    Asset {
        name: "Changes-C5cGGbmz.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-C5cGGbmz.js"),
        gzip: include_bytes!("dist/assets/Changes-C5cGGbmz.js.gz"),
    },
    Asset {
        name: "Graph-BDVQ1rii.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-BDVQ1rii.js"),
        gzip: include_bytes!("dist/assets/Graph-BDVQ1rii.js.gz"),
    },
    Asset {
        name: "Graph-CKx5FeT_.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-CKx5FeT_.css"),
        gzip: include_bytes!("dist/assets/Graph-CKx5FeT_.css.gz"),
    },
    Asset {
        name: "GraphView-B-C3pDj7.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-B-C3pDj7.js"),
        gzip: include_bytes!("dist/assets/GraphView-B-C3pDj7.js.gz"),
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
        name: "Lineage-fkOdyILX.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-fkOdyILX.js"),
        gzip: include_bytes!("dist/assets/Lineage-fkOdyILX.js.gz"),
    },
    Asset {
        name: "Query-Bpgp6Ebw.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-Bpgp6Ebw.js"),
        gzip: include_bytes!("dist/assets/Query-Bpgp6Ebw.js.gz"),
    },
    Asset {
        name: "Query-DEq36mnr.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-DEq36mnr.css"),
        gzip: include_bytes!("dist/assets/Query-DEq36mnr.css.gz"),
    },
    Asset {
        name: "Views-C1QDSecl.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-C1QDSecl.js"),
        gzip: include_bytes!("dist/assets/Views-C1QDSecl.js.gz"),
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
        name: "index-BtFqP2s5.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/index-BtFqP2s5.js"),
        gzip: include_bytes!("dist/assets/index-BtFqP2s5.js.gz"),
    },
    Asset {
        name: "index-CbrwePzs.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/index-CbrwePzs.css"),
        gzip: include_bytes!("dist/assets/index-CbrwePzs.css.gz"),
    },
];
