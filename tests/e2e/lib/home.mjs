// SPDX-License-Identifier: MIT
// A home of its own for one agent: nothing of the person who runs the tests is read, nothing leaves the machine,
// and the interactive screen starts at once because every first-run question has been answered beforehand.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const KEY = 'sk-ant-api03-e2e-dummy-key-of-no-use-0000000000';

export function makeHome({ modelUrl, idleMs, env = {} }) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'mcp-push-e2e-'));
  const at = (...parts) => path.join(root, ...parts);
  const home = {
    root,
    project: at('home/user/project'),
    claude: at('home/user/.claude'),
    state: at('home/user/.local/state'),
    records: at('records'),
  };
  for (const dir of [home.project, home.claude, home.state, home.records, at('tmp'), at('home/user/.config'), at('home/user/.cache'), at('home/user/.local/share')])
    fs.mkdirSync(dir, { recursive: true });

  const answered = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: '99.0.0',
    theme: 'dark',
    numStartups: 5,
    customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
    projects: { [home.project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true, projectOnboardingSeenCount: 4 } },
  };
  if (idleMs) answered.messageIdleNotifThresholdMs = idleMs;
  fs.writeFileSync(path.join(home.claude, '.claude.json'), JSON.stringify(answered));

  home.env = {
    PATH: `${process.env.PATH}`,
    HOME: at('home/user'),
    USER: 'user',
    SHELL: '/bin/bash',
    TMPDIR: at('tmp'),
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    CLAUDE_CONFIG_DIR: home.claude,
    XDG_CONFIG_HOME: at('home/user/.config'),
    XDG_CACHE_HOME: at('home/user/.cache'),
    XDG_DATA_HOME: at('home/user/.local/share'),
    XDG_STATE_HOME: home.state,
    XDG_RUNTIME_DIR: at('tmp'),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
    CLAUDE_CODE_MAX_RETRIES: '0',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    NO_PROXY: '127.0.0.1,localhost',
    ...env,
  };
  home.remove = () => fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  return home;
}
