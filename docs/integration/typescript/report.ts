// Starts a complaint and sends it a command, straight from Temporal: no Redress library, plain JSON.
//
//   TEMPORAL_ADDRESS    host:port                     REDRESS_URL      where the API is
//   TEMPORAL_NAMESPACE  such as default               REDRESS_API_KEY  a key with the scopes register, act, decode
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { RedressCodec } from './codec.ts';

const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, REDRESS_URL, REDRESS_API_KEY } = process.env;
const source = 'crm'; // the name that your API key acts under
const reference = process.argv[2] ?? `ts-${randomUUID()}`;
const number = `${source}-${reference}`;
const actor = { id: source, role: 'system' };

const connection = await Connection.connect({ address: TEMPORAL_ADDRESS });
const client = new Client({
  connection,
  namespace: TEMPORAL_NAMESPACE,
  dataConverter: { payloadCodecs: [new RedressCodec(REDRESS_URL!, REDRESS_API_KEY!)] },
});

// The same source and reference are the same complaint, however often this runs.
await client.workflow.start('Complaint', {
  taskQueue: 'redress-complaints',
  workflowId: number,
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY', // what was refused may be corrected and started again
  workflowIdConflictPolicy: 'USE_EXISTING',
  args: [
    {
      number,
      registration: {
        id: `register-${reference}`,
        actor,
        received_at: new Date().toISOString(),
        command: {
          type: 'Register',
          source,
          reference,
          channel: 'web',
          category: 'billing',
          customer: { name: '王女士', contact: '000-0000-0000', language: 'zh-CN' },
          description: '三月电费突然翻倍，怀疑抄表有误。',
        },
      },
    },
  ],
});

// By its number alone: the handle of a start is bound to a run, and a complaint has many.
const complaint = client.workflow.getHandle(number);
const answer = await send(complaint, { type: 'AddNote', text: '客户说周末在家。' });
console.log(JSON.stringify(answer));
await connection.close();

// The id of a command is its idempotency key: sent twice, it acts once and is answered alike.
async function send(complaint: WorkflowHandle, command: object): Promise<unknown> {
  const id = randomUUID();
  const envelope = { id, actor, received_at: new Date().toISOString(), command };
  for (;;) {
    try {
      return await complaint.executeUpdate('execute', { updateId: id, args: [envelope] });
    } catch (error) {
      const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
      // A complaint that has just been started is still being taken in. Any other type is the name of a broken rule.
      if (!(cause instanceof ApplicationFailure) || cause.type !== 'Arriving') throw error;
      await sleep(200);
    }
  }
}
