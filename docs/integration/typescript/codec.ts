// Has Redress seal and encrypt what goes to Temporal, and decrypt what comes back.
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

type Written = { metadata: Record<string, string>; data?: string };

export class RedressCodec implements PayloadCodec {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  // Whoever may see that complaint may then decode what is sent to it, in Temporal's UI for instance.
  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return this.ask(`encode?workflow=${encodeURIComponent(context?.workflowId ?? '')}`, payloads);
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return this.ask('decode', payloads);
  }

  private async ask(what: string, payloads: Payload[]): Promise<Payload[]> {
    const answer = await fetch(`${this.url}/v1/codec/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': this.key },
      body: JSON.stringify({ payloads: payloads.map(write) }),
    });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    const found = (await answer.json()) as { payloads?: Written[] };
    return (found.payloads ?? []).map(read);
  }
}

function write(payload: Payload): Written {
  const metadata = Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(metadata), data: base64(payload.data ?? new Uint8Array()) };
}

function read(written: Written): Payload {
  const metadata = Object.entries(written.metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(metadata), data: Buffer.from(written.data ?? '', 'base64') };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
