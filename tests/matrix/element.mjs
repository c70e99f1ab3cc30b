// A person whose program is Element's own library, in the mode that trusts only devices which their owner has signed.
// One JSON line in for each act, one out for each answer and each event.
import readline from "node:readline";
import * as sdk from "matrix-js-sdk";
import { OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";

const [baseUrl, userId, accessToken, deviceId, password] = process.argv.slice(2);
for (const level of ["trace", "debug", "log", "info", "warn", "error"]) console[level] = () => {};
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const client = sdk.createClient({ baseUrl, userId, accessToken, deviceId, timelineSupport: true });
await client.initRustCrypto({ useIndexedDB: false });
const crypto = client.getCrypto();
crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
await crypto.bootstrapCrossSigning({
  setupNewCrossSigning: true,
  authUploadDeviceSigningKeys: (send) =>
    send({ type: "m.login.password", identifier: { type: "m.id.user", user: userId }, password }),
});

const told = (event) => ({
  event: event.getId(),
  room: event.getRoomId(),
  sender: event.getSender(),
  type: event.getType(),
  wire: event.getWireType(),
  failed: event.isDecryptionFailure() ? String(event.decryptionFailureReason) : "",
  content: event.getContent(),
});
client.on("Event.decrypted", (event) => tell(told(event)));
await client.startClient({ initialSyncLimit: 20, threadSupport: true, pollTimeout: 5000 });
await new Promise((done) => client.once("sync", done));
tell({ ready: true });

const acts = {
  join: async ({ room }) => (await client.joinRoom(room)).roomId,
  thread: async ({ room, root, text }) =>
    (await client.sendEvent(room, root, "m.room.message", { msgtype: "m.text", body: text })).event_id,
  react: async ({ room, event, sign }) =>
    (
      await client.sendEvent(room, "m.reaction", {
        "m.relates_to": { rel_type: "m.annotation", event_id: event, key: sign },
      })
    ).event_id,
  shows: async ({ room, event }) => client.getRoom(room)?.findEventById(event)?.getContent().body ?? "",
  rooms: async () => client.getRooms().map((room) => [room.roomId, room.getMyMembership()]),
};
const lines = readline.createInterface({ input: process.stdin });
lines.on("close", () => process.exit(0));
for await (const line of lines) {
  const { number, act, ...values } = JSON.parse(line);
  try {
    tell({ number, answer: await acts[act](values) });
  } catch (error) {
    tell({ number, error: String(error) });
  }
}
