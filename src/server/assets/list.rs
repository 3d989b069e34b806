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
        name: "Annotate-c9UWtBxb.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Annotate-c9UWtBxb.js"),
        gzip: include_bytes!("dist/assets/Annotate-c9UWtBxb.js.gz"),
    },
    Asset {
        name: "Graph-BE_dCxA-.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-BE_dCxA-.js"),
        gzip: include_bytes!("dist/assets/Graph-BE_dCxA-.js.gz"),
    },
    Asset {
        name: "Graph-CKx5FeT_.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Graph-CKx5FeT_.css"),
        gzip: include_bytes!("dist/assets/Graph-CKx5FeT_.css.gz"),
    },
    Asset {
        name: "GraphView-mGOG8nab.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-mGOG8nab.css"),
        gzip: include_bytes!("dist/assets/GraphView-mGOG8nab.css.gz"),
    },
    Asset {
        name: "GraphView-s_lxsV58.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/GraphView-s_lxsV58.js"),
        gzip: include_bytes!("dist/assets/GraphView-s_lxsV58.js.gz"),
    },
    Asset {
        name: "Lineage-BF8vHGyj.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-BF8vHGyj.css"),
        gzip: include_bytes!("dist/assets/Lineage-BF8vHGyj.css.gz"),
    },
    Asset {
        name: "Lineage-Calnz8uK.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Lineage-Calnz8uK.js"),
        gzip: include_bytes!("dist/assets/Lineage-Calnz8uK.js.gz"),
    },
    Asset {
        name: "Query-CgEY4IxC.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-CgEY4IxC.js"),
        gzip: include_bytes!("dist/assets/Query-CgEY4IxC.js.gz"),
    },
    Asset {
        name: "Query-DtqQkfaT.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Query-DtqQkfaT.css"),
        gzip: include_bytes!("dist/assets/Query-DtqQkfaT.css.gz"),
    },
    Asset {
        name: "Views-03bop0e4.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-03bop0e4.js"),
        gzip: include_bytes!("dist/assets/Views-03bop0e4.js.gz"),
    },
    Asset {
        name: "Views-D0GS_z4b.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/Views-D0GS_z4b.css"),
        gzip: include_bytes!("dist/assets/Views-D0GS_z4b.css.gz"),
    },
    Asset {
        name: "editor-Bb1jh4Rk.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/editor-Bb1jh4Rk.js"),
        gzip: include_bytes!("dist/assets/editor-Bb1jh4Rk.js.gz"),
    },
    Asset {
        name: "index-CWoF_iDI.css",
        ty: "text/css; charset=utf-8",
        plain: include_bytes!("dist/assets/index-CWoF_iDI.css"),
        gzip: include_bytes!("dist/assets/index-CWoF_iDI.css.gz"),
    },
    Asset {
        name: "index-Cm0Z-IxT.js",
        ty: "text/javascript; charset=utf-8",
        plain: include_bytes!("dist/assets/index-Cm0Z-IxT.js"),
        gzip: include_bytes!("dist/assets/index-Cm0Z-IxT.js.gz"),
    },
];
