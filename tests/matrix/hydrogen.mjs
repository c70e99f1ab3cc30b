// Hydrogen as it is: its own sessions, encryption and views, on a page of the tests.
import { FeatureSet, Platform, RootViewModel, createNavigation, createRouter } from "hydrogen-view-sdk";

const assetPaths = {
    downloadSandbox: "/node_modules/hydrogen-view-sdk/asset-build/assets/download-sandbox.html",
    worker: "/node_modules/hydrogen-view-sdk/asset-build/assets/main.js",
    olm: {
        wasm: "/node_modules/@matrix-org/olm/olm.wasm",
        legacyBundle: "/node_modules/@matrix-org/olm/olm_legacy.js",
        wasmBundle: "/node_modules/@matrix-org/olm/olm.js",
    },
    serviceWorker: "/sw.js",
};
const platform = new Platform({ container: document.body, assetPaths, config: {}, options: { development: false } });
const navigation = createNavigation();
platform.setNavigation(navigation);
await platform.init();
const urlRouter = createRouter({ navigation, history: platform.history });
urlRouter.attach();
const features = await FeatureSet.load(platform.settingsStorage);
const root = new RootViewModel({ platform, navigation, urlRouter, features });
await root.load();
platform.createAndMountRootView(root);
