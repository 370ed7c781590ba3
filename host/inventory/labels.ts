/** What orchestrators write on the containers that they make: pod, service and project from labels. */
import type { InventoryEntry } from '../../analyzers/inventory.js';

interface Placement {
  readonly pod: string | undefined;
  readonly service: string | undefined;
  readonly project: string | undefined;
}

type Labels = Readonly<Record<string, string>>;

interface Orchestrator {
  /** Where this label is, the container is its. */
  readonly mark: string;
  place(labels: Labels): Placement;
}

const KUBERNETES_POD = 'io.kubernetes.pod.name';

/** The first whose mark is there counts: Swarm services of a stack have Compose's labels as well. */
const ORCHESTRATORS: readonly Orchestrator[] = [
  {
    mark: KUBERNETES_POD,
    place: (labels) => ({
      pod: joined(labels['io.kubernetes.pod.namespace'], labels[KUBERNETES_POD]),
      service: labels['io.kubernetes.container.name'],
      project: labels['io.kubernetes.pod.namespace'],
    }),
  },
  {
    mark: 'com.amazonaws.ecs.task-arn',
    place: (labels) => ({
      // arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID
      pod: labels['com.amazonaws.ecs.task-arn']?.split('/').at(-1),
      service: labels['com.amazonaws.ecs.container-name'],
      project: labels['com.amazonaws.ecs.task-definition-family'],
    }),
  },
  {
    mark: 'com.docker.swarm.service.name',
    place: (labels) => ({
      pod: labels['com.docker.swarm.task.name'],
      service: labels['com.docker.swarm.service.name'],
      project: labels['com.docker.stack.namespace'],
    }),
  },
  {
    mark: 'com.docker.compose.service',
    place: (labels) => ({
      pod: undefined,
      service: labels['com.docker.compose.service'],
      project: labels['com.docker.compose.project'],
    }),
  },
  {
    mark: 'io.podman.compose.project',
    place: (labels) => ({
      pod: undefined,
      service: labels['io.podman.compose.service'],
      project: labels['io.podman.compose.project'],
    }),
  },
];

/** The entry with what its labels tell; the container of a pod is called POD/CONTAINER, since `app` alone tells nothing. */
export function placed(entry: InventoryEntry): InventoryEntry {
  const orchestrator = ORCHESTRATORS.find(({ mark }) => entry.labels[mark] !== undefined);
  if (orchestrator === undefined) return entry;
  const { pod, service, project } = orchestrator.place(entry.labels);
  const podName = entry.labels[KUBERNETES_POD];
  return {
    ...entry,
    name: podName === undefined ? entry.name : `${podName}/${service ?? entry.name}`,
    ...(pod !== undefined && { pod }),
    ...(service !== undefined && { service }),
    ...(project !== undefined && { project }),
  };
}

function joined(namespace: string | undefined, name: string | undefined): string | undefined {
  return namespace === undefined || name === undefined ? name : `${namespace}/${name}`;
}
