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
        name: "Annotate-CmslzFb2.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-CmslzFb2.js"),
        gzip: include_bytes!("dist/assets/Annotate-CmslzFb2.js.gz"),
    },
    Asset {
        name: "Changes-BJkrQ70Y.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-BJkrQ70Y.css"),
        gzip: include_bytes!("dist/assets/Changes-BJkrQ70Y.css.gz"),
    },
    Asset {
        name: "Changes-Df3debBo.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Changes-Df3debBo.js"),
        gzip: include_bytes!("dist/assets/Changes-Df3debBo.js.gz"),
    },
    Asset {
        name: "Graph-CKx5FeT_.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-CKx5FeT_.css"),
        gzip: include_bytes!("dist/assets/Graph-CKx5FeT_.css.gz"),
    },
    Asset {
        name: "Graph-tF-YVpVb.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-tF-YVpVb.js"),
        gzip: include_bytes!("dist/assets/Graph-tF-YVpVb.js.gz"),
    },
    Asset {
        name: "GraphView-CmqFRQPi.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-CmqFRQPi.css"),
        gzip: include_bytes!("dist/assets/GraphView-CmqFRQPi.css.gz"),
    },
    Asset {
        name: "GraphView-mVQnHTam.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-mVQnHTam.js"),
        gzip: include_bytes!("dist/assets/GraphView-mVQnHTam.js.gz"),
    },
    Asset {
        name: "Lineage-CJ6ep8Om.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-CJ6ep8Om.js"),
        gzip: include_bytes!("dist/assets/Lineage-CJ6ep8Om.js.gz"),
    },
    Asset {
        name: "Lineage-CdWd3WJm.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-CdWd3WJm.css"),
        gzip: include_bytes!("dist/assets/Lineage-CdWd3WJm.css.gz"),
    },
    Asset {
        name: "Query-C_A5Os33.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-C_A5Os33.js"),
        gzip: include_bytes!("dist/assets/Query-C_A5Os33.js.gz"),
    },
    Asset {
        name: "Query-DEq36mnr.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-DEq36mnr.css"),
        gzip: include_bytes!("dist/assets/Query-DEq36mnr.css.gz"),
    },
    Asset {
        name: "Views-BtY0wDqG.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-BtY0wDqG.js"),
        gzip: include_bytes!("dist/assets/Views-BtY0wDqG.js.gz"),
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
        name: "index-B4mL2SZD.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/index-B4mL2SZD.js"),
        gzip: include_bytes!("dist/assets/index-B4mL2SZD.js.gz"),
    },
    Asset {
        name: "index-CbrwePzs.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/index-CbrwePzs.css"),
        gzip: include_bytes!("dist/assets/index-CbrwePzs.css.gz"),
    },
];
