// iam_simulate.js CASES POOL: what @cloud-copilot/iam-simulate decides, one line a case, as iam_decide does.
// The peer is found by node (NODE_PATH=DIR/node_modules) and called, never copied: it is under the AGPL.
// Its core takes all kinds of policies and a context that is not filtered; runSimulation() asks for more than a random case has.
'use strict'
const fs = require('fs')
const path = require('path')

const main = require.resolve('@cloud-copilot/iam-simulate')
const inner = (name) => require(path.join(path.dirname(main), name))
const { loadPolicy } = require(require.resolve('@cloud-copilot/iam-policy', { paths: [main] }))
const { authorize } = inner('core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = inner('request/request.js')
const { RequestContextImpl } = inner('requestContext.js')
const { DiscoveryContextKeyConstraints } = inner('context_keys/discoveryContextKeyConstraints.js')

const [cases, pool] = process.argv.slice(2, 4).map((f) => JSON.parse(fs.readFileSync(f, 'utf8')))
const policies = pool.map((p, i) => loadPolicy(p, { name: String(i) }))
const all = (list) => (list ? list.map((i) => policies[i]) : undefined)
const levels = (list) => (list || []).map((l, i) => ({ orgIdentifier: String(i), policies: all(l.policies) }))

function decide(c) {
  const r = c.request
  return authorize({
    request: new AwsRequestImpl(
      typeof r.principal === 'string' ? r.principal : { type: 'Anonymous' },
      r.resource, r.action, new RequestContextImpl(r.context || {}), r.wildcardOnlyAction === true),
    sessionPolicy: c.sessionPolicy === undefined ? undefined : policies[c.sessionPolicy],
    identityPolicies: all(c.identityPolicies),
    serviceControlPolicies: levels(c.serviceControlPolicies),
    resourceControlPolicies: levels(c.resourceControlPolicies),
    resourcePolicy: c.resourcePolicy === undefined ? undefined : policies[c.resourcePolicy],
    permissionBoundaries: all(c.permissionBoundaries),
    vpcEndpointPolicies: all(c.endpointPolicies),
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    }
  }).result
}

const start = process.hrtime.bigint()
const out = cases.map((c) => {
  try {
    return decide(c)
  } catch (e) {
    return 'error ' + String(e.message).split('\n')[0]
  }
})
const us = Number(process.hrtime.bigint() - start) / 1000
process.stdout.write(out.join('\n') + '\n')
console.error(`${cases.length} requests, ${(us / Math.max(cases.length, 1)).toFixed(2)} us each`)
