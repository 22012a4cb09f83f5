// An agent that tells its sidecar how it is getting on: heartbeats with a count of what it
// achieved, a lease before a long step, and its own failure, named by itself.
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

type Report = { [field: string]: string | number | boolean };

/** Talks to the sidecar that launched us. Without one it does nothing. */
class Sidecar {
  private socket?: Socket;
  private waiting: ((answer: { ok: boolean; error?: string }) => void)[] = [];

  constructor(path = process.env.HEALER_SOCKET) {
    if (!path) return;
    this.socket = connect(path);
    createInterface({ input: this.socket }).on("line", (line) => this.waiting.shift()?.(JSON.parse(line)));
  }

  /** Sends one report and rejects when it was not understood. */
  async tell(report: Report): Promise<void> {
    if (!this.socket) return;
    const answered = new Promise<{ ok: boolean; error?: string }>((resolve) => this.waiting.push(resolve));
    this.socket.write(JSON.stringify({ v: 1, ...report }) + "\n");
    const answer = await answered;
    if (!answer.ok) throw new Error(answer.error);
  }
}

const sidecar = new Sidecar();
await sidecar.tell({ ready: true });
for (let done = 1; done <= 5; done++) {
  await sleep(100); // the useful work
  await sidecar.tell({ progress: done });
}
await sidecar.tell({ lease: 60 }); // a long step follows: no heartbeat for a minute
await sidecar.tell({ type: "no such type" }).catch((wrong: Error) => console.log("refused:", wrong.message));
await sidecar.tell({ type: "dependency_failure", message: "the model provider says: quota used up", retry_count: 2 });
await sleep(1_000_000);
