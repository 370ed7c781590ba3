import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { UsageError } from '../../cli/errors.js';
import { formatTime, parseDuration, parseTime, resolveTime, type Span } from '../../cli/time.js';

const zone = process.env.TZ;
const iso = (text: string) => BigInt(Date.parse(text)) * 1_000_000n;
const second = 1_000_000_000n;

/** 22 November 2026, 12:03:00 to 12:05:00 in UTC. */
const span: Span = { begin: iso('2026-11-22T12:03:00Z'), end: iso('2026-11-22T12:05:00Z') };

function resolve(text: string, within = span): bigint {
  return resolveTime(parseTime(text), within);
}

describe('TIME', () => {
  before(() => {
    process.env.TZ = 'UTC';
  });
  after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it('takes a time of the trace’s day, to the nanosecond', () => {
    assert.equal(resolve('12:03:10.5'), span.begin + 10n * second + second / 2n);
    assert.equal(resolve('12:04'), span.begin + 60n * second);
    assert.equal(resolve('12:03:00.000000001'), span.begin + 1n);
    assert.equal(resolve('12:03:10,25'), span.begin + 10n * second + second / 4n);
  });

  it('takes ISO 8601 with and without a zone', () => {
    assert.equal(resolve('2026-11-22T12:03:10.5Z'), span.begin + 10n * second + second / 2n);
    assert.equal(resolve('2026-11-22T13:03:10+01:00'), span.begin + 10n * second);
    assert.equal(resolve('2026-11-22T13:03:10+01'), span.begin + 10n * second);
    assert.equal(resolve('2026-11-22T06:33:10-0530'), span.begin + 10n * second);
    assert.equal(resolve('2026-11-22 12:03:10'), span.begin + 10n * second);
    assert.equal(resolve('2026-11-22T12:03'), span.begin);
    assert.equal(resolve('2026-11-22'), iso('2026-11-22T00:00:00Z'));
  });

  it('counts + from the beginning and - from the end', () => {
    assert.equal(resolve('+1m30s'), span.begin + 90n * second);
    assert.equal(resolve('+0s'), span.begin);
    assert.equal(resolve('-10s'), span.end - 10n * second);
    assert.equal(resolve('-1.5ms'), span.end - 1_500_000n);
  });

  it('takes nanoseconds since the epoch', () => {
    assert.equal(resolve('@1795363895991874251'), 1795363895991874251n);
  });

  it('means local time where TZ says so', () => {
    process.env.TZ = 'America/New_York';
    try {
      assert.equal(resolve('07:03:10'), span.begin + 10n * second);
      assert.equal(resolve('2026-11-22T07:03:10'), span.begin + 10n * second);
      assert.equal(formatTime(span.begin), '2026-11-22 07:03:00.000');
    } finally {
      process.env.TZ = 'UTC';
    }
  });

  it('finds a time of day on both sides of midnight', () => {
    const night = { begin: iso('2026-11-22T23:59:50Z'), end: iso('2026-11-23T00:00:20Z') };
    assert.equal(resolve('23:59:55', night), night.begin + 5n * second);
    assert.equal(resolve('00:00:05', night), night.begin + 15n * second);
  });

  it('takes the nearest where the trace never shows that time of day', () => {
    const night = { begin: iso('2026-11-22T23:59:50Z'), end: iso('2026-11-23T00:00:20Z') };
    assert.equal(resolve('23:59:40', night), night.begin - 10n * second);
    assert.equal(resolve('00:00:30', night), night.end + 10n * second);
    assert.equal(resolve('12:02:59'), span.begin - second);
    assert.equal(resolve('12:05:01'), span.end + second);
  });

  it('takes the first of several days', () => {
    const days = { begin: iso('2026-11-20T12:00:00Z'), end: iso('2026-11-24T12:00:00Z') };
    assert.equal(resolve('11:00:00', days), iso('2026-11-21T11:00:00Z'));
    assert.equal(resolve('13:00:00', days), iso('2026-11-20T13:00:00Z'));
  });

  for (const [text, why] of [
    ['25:00:00', /hours go from 0 to 23/],
    ['12:60:00', /minutes go from 0 to 59/],
    ['12:00:60', /seconds go from 0 to 59/],
    ['2026-02-30T00:00:00', /no day 2026-02-30/],
    ['2026-13-01', /no day 2026-13-01/],
    ['2026-01-01T00:00+15:00', /no time zone \+15:00/],
    ['@12ab', /nanoseconds since the epoch/],
    ['@99999999999999999999', /nanoseconds since the epoch/],
    ['@9999999999999999999', /later than any trace/],
    ['+', /a duration is missing/],
    ['+2', /“2” has no unit/],
    ['-2x', /“2x” is no duration/],
    ['+1s2m', /units must fall/],
    ['noon', /none of the forms/],
    ['', /none of the forms/],
  ] as const) {
    it(`refuses “${text}” and says why and what would do`, () => {
      assert.throws(
        () => parseTime(text),
        (error: Error) =>
          error instanceof UsageError &&
          why.test(error.message) &&
          (/use 12:03:10/.test(error.message) || /fall/.test(error.message)),
      );
    });
  }
});

describe('DURATION', () => {
  for (const [text, ns] of [
    ['500ms', 5e8],
    ['1s', 1e9],
    ['2m', 120e9],
    ['1h', 3600e9],
    ['1h30m', 5400e9],
    ['1d', 86400e9],
    ['1.5s', 1.5e9],
    ['0.1ms', 1e5],
    ['250us', 25e4],
    ['7ns', 7],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(parseDuration(text), ns));
  }

  for (const text of [
    '',
    '0s',
    '1',
    '-1s',
    '1 s',
    '105d',
    '0.1ns',
    '1e3s',
    'ms',
    '1s1s',
    '9999999999999999s',
  ]) {
    it(`refuses “${text}”`, () => assert.throws(() => parseDuration(text), UsageError));
  }
});
