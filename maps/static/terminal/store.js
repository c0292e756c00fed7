/* What survives a reload: the pairing, the plan, the day's taps, and the outbox. The outbox only grows at its
 * end; an entry leaves when the platform has acknowledged it, which means committed. */
const NAME = "carevan-terminal";

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });

export class Store {
  static async open() {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("kept");
      request.result.createObjectStore("outbox", { autoIncrement: true });
    };
    const store = new Store();
    store.db = await settled(request);
    navigator.storage?.persist?.();
    return store;
  }

  get(name) {
    return settled(this.db.transaction("kept").objectStore("kept").get(name));
  }

  async put(name, value) {
    const transaction = this.db.transaction("kept", "readwrite");
    transaction.objectStore("kept").put(value, name);
    await finished(transaction);
  }

  /* Append an item and, in the same transaction, keep what belongs to it. Returns the entry's key. */
  async append(item, kept = {}) {
    const transaction = this.db.transaction(["outbox", "kept"], "readwrite", { durability: "strict" });
    const request = transaction.objectStore("outbox").add(item);
    for (const [name, value] of Object.entries(kept)) transaction.objectStore("kept").put(value, name);
    await finished(transaction);
    return request.result;
  }

  async unsent() {
    const outbox = this.db.transaction("outbox").objectStore("outbox");
    const [keys, items] = await Promise.all([settled(outbox.getAllKeys()), settled(outbox.getAll())]);
    return keys.map((key, n) => ({ key, item: items[n] }));
  }

  async remove(keys) {
    if (!keys.length) return;
    const transaction = this.db.transaction("outbox", "readwrite");
    for (const key of keys) transaction.objectStore("outbox").delete(key);
    await finished(transaction);
  }
}
