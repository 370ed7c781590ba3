/** Who the containers are, as the host tells it. `host/` fills it; the analyzers join it to what the trace shows. */
export interface InventoryEntry {
  /** Full id as the runtime has it. */
  readonly id: string;
  readonly name: string;
  readonly runtime: string;
  readonly image: string | undefined;
  /** pid of the init process as the host sees it; undefined while not running. */
  readonly initPid: number | undefined;
  /** CPU quota in CPUs; undefined where there is none. */
  readonly limitCpus: number | undefined;
  /** ns since the Unix epoch. */
  readonly startedAt: bigint | undefined;
  readonly finishedAt: bigint | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

export type Inventory = readonly InventoryEntry[];
