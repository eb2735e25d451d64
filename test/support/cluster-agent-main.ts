// An agent in a process of its own, which a test can kill: cluster-agent-main.ts URL NODE PORT...
import { Agent } from './cluster-agents.js'

const [url = '', node = '', ...ports] = process.argv.slice(2)
const agent = await Agent.open({ urls: [url], node })
agent.publish(...ports)
