// SPDX-License-Identifier: MIT
//
// The official SDK, from the folder that sdk.lua installs it to. It lies outside this file's
// folder, where `import` would not find it.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../build/conformance/', import.meta.url));

export const { default: Boltz, ...errors } = require('boltz-api');
export const { CursorPage, OpaqueCursorPage } = require('boltz-api/pagination');
