-- SPDX-License-Identifier: MIT
---@meta boltz
-- The public names and their types, for editors that run lua-language-server, which reads this file
-- in place of boltz/init.lua. No program requires it: its functions are empty.
-- `make generate` writes what it says of endpoints; spec/parity_spec.lua holds the rest against the
-- code.
--
-- In what the service answers, JSON null is nil, and fields that this file does not know are kept.
-- The value of a call that succeeds is never nil: where the service has none, it is `boltz.null`.
-- Enumerations of answers are open: newer servers may add values.
-- luacheck: ignore 212 241

--- The module.
---@class boltz
---@field _VERSION string version of the module, such as "0.1.0"
--- JSON null in a request, and the value of a call that succeeds without one; equal to `cjson.null`
---@field null boltz.Null
---@field json boltz.Json text that is JSON, read and written as calls do it
---@field money boltz.Money amounts in milli-USD, to and from what people read
---@field time boltz.TimeText ISO 8601, to and from seconds since the epoch
---@field UNLIMITED integer 9007199254740991: the amount of a spending limit that stands for none
local boltz = {}

---@alias boltz.Null lightuserdata

--- A time: ISO 8601 with a timezone, or seconds since the epoch (UTC).
---@alias boltz.Time string|number

---@alias boltz.QueryValue string|number|boolean

--- What a URL's query carries: a list is sent as its name repeated.
---@alias boltz.Query table<string, boltz.QueryValue|boltz.QueryValue[]>

--- Header fields to send; false leaves a field out, also one that the client sends by itself.
---@alias boltz.Headers table<string, string|number|false>

--- Makes a client. Raises where an option is wrong, and where neither the options nor the
--- environment have a credential.
---@param options? boltz.Options
---@return boltz.Client client
function boltz.new(options) end

--- Marks a table as a JSON array, also when it is empty. Its metatable is replaced.
---@generic T: table
---@param list T
---@return T list the same table
function boltz.array(list) end

--- Whether a value is an error that a call has returned or a loop has raised.
---@param value any
---@return boolean
function boltz.is_error(value) end

--- What a bug report has to say of versions, a line each: of this module, Lua, libcurl, TLS and
--- lua-cjson, and of the host and the system. It holds no key and no user's name.
---@return string text
function boltz.version_report() end

--- JSON text. What these functions cannot take raises, with its place in the value or the text.
---@class boltz.Json
local json = {}

--- Writes a value as JSON text: what a call has returned too, with its empty lists as [], exact
--- amounts, and nulls in lists. A field that was null is absent, and fields come in no order.
--- `boltz.array` marks other lists.
---@param value any
---@return string text
function json.encode(value) end

--- Reads a JSON text: null is `boltz.null`, whole numbers are integers (Lua 5.3 and later), and
--- arrays can be told from objects, also when they are empty. A whole number that this Lua cannot
--- hold exactly is its text.
---@param text string
---@return any value
function json.decode(text) end

--- Amounts as the service has them, in milli-USD: thousandths of a US dollar. What these functions
--- cannot take raises.
---@class boltz.Money
local money = {}

--- Writes an amount, such as `$250.00`: with a third decimal where that is not 0, and with a point
--- in every locale. `boltz.UNLIMITED` is `unlimited`.
---@param milli_usd integer|string text: one that this Lua cannot hold exactly, as answers have it
---@return string text
function money.format(milli_usd) end

--- Reads an amount in US dollars, such as "28.99" or 28.99. Text is read digit by digit. A number
--- is taken below 10^12, and where it is the nearest to a whole milli-USD: a computed `0.1 + 0.2`
--- has to be rounded first.
---@param amount string|number
---@return integer milli_usd
function money.usd(amount) end

--- Times as the service writes them. What these functions cannot take raises.
---@class boltz.TimeText
local time = {}

--- Reads a time in ISO 8601 with a timezone, such as a workspace's `created_at`.
---@param text string
---@return number seconds since the epoch; whole ones are integers (Lua 5.3 and later)
function time.parse(text) end

--- Writes a time in UTC, such as `2026-04-08T18:56:46Z`, or `2026-04-08T18:56:46.250Z`: to the
--- nearest millisecond.
---@param seconds number since the epoch, in a year from 0 to 9999
---@return string text
function time.format(seconds) end

--- Calls a function for each item of a list, several calls at once: a generic `for` takes what it
--- returns. Each round has the item and what the function returned for it: the third value is the
--- error of a call, so name it. What the function raises is raised, text with its traceback: no
--- other call begins then, and those that change something and are under way are waited for, and
--- logged. An error of the source is raised after all results.
---@generic T
---@param source boltz.Pager|T[]|(fun(): T?) an iterator or a list
---@param fn fun(item: T): ...: any
---@param options? boltz.MapOptions
---@return boltz.Map results
---@return nil
---@return nil
---@return boltz.Map closing the same, for Lua 5.4 and 5.5 to close
function boltz.map(source, fn, options) end

--- Calls functions, several at once, and waits for all. What a function raises is raised, as by
--- `boltz.map`.
---@param functions (fun(): any, any)[]
---@param options? boltz.GatherOptions
---@return any[] results the first result of each function, under its position
---@return table<integer, any>? errors the second results; nil: there are none
function boltz.gather(functions, options) end

--- Options of `boltz.gather`.
---@class boltz.GatherOptions
---@field concurrency? integer how many calls at once, from 1; default 8

--- Options of `boltz.map`.
---@class boltz.MapOptions: boltz.GatherOptions
---@field ordered? boolean results in the order of the items, not as they come; default false

--- What `boltz.map` returns: an iterator.
---@class boltz.Map
---@overload fun(): ...: any
local Map = {}

--- Cancels the calls that are under way. Lua 5.4 and 5.5 do it when a `for` is left.
function Map:close() end

--- How much is logged: lines of this level and of those before it.
---@alias boltz.LogLevel "off"|"error"|"warn"|"info"|"debug"

--- How calls wait. "auto": nginx or cqueues where that can be told, or else blocking. A function
--- sleeps for so many seconds while the host runs on.
---@alias boltz.Loop
---| "auto"
---| "blocking"
---| "nginx"
---| "cqueues"
---| "luv"
---| "copas"
---| fun(seconds: number)
---| boltz.PollLoop

--- Options of `boltz.new` and `client:with`.
---@class boltz.Options
---@field api_key? string sent as `x-api-key`; default $BOLTZ_API_KEY
---@field bearer_token? string an OAuth user's token, in place of api_key
---@field organization_id? string goes with bearer_token: the header `X-Boltz-Organization-Id`
---@field base_url? string default $BOLTZ_BASE_URL or https://api.boltz.bio
---@field timeout? number seconds for one attempt, from connecting to the last byte; default 60
---@field connect_timeout? number seconds for connecting, TLS included; default 10
---@field deadline? number seconds for a whole call, attempts and waits; default none
---@field max_retries? integer attempts after the first; default 2
---@field max_response_bytes? integer of a body, from 1; 64 a JSON value; default 67108864 (64 MiB)
---@field headers? boltz.Headers for every request, over those of $BOLTZ_CUSTOM_HEADERS
---@field query? boltz.Query for every request
---@field ca_file? string PEM file; default $CURL_CA_BUNDLE, $SSL_CERT_FILE, libcurl's
---@field proxy? string URL of an http, https or socks proxy; "" is none; default the environment's
---@field allow_http? boolean plain http also to hosts that are not loopback; default false
---@field validate? boolean parameters are checked before anything is sent; default true
---@field read_only? boolean calls but GET return what they would have sent, an error; default false
---@field logger? boltz.Logger default writes lines with the time (UTC) to standard error
---@field log_level? boltz.LogLevel default $BOLTZ_LOG or warn
---@field on_attempt? fun(event: boltz.AttemptEvent) is told of each attempt after its end
---@field loop? boltz.Loop how calls wait; default auto
---@field transport? boltz.Transport answers in place of the network, such as `boltz.emulator`'s

--- Takes the lines of the log. The message is a constant; `fields.reason` is its sentence.
---@alias boltz.Logger fun(level: boltz.LogLevel, message: string, fields: table<string, any>)

--- Options of a request that only reads: the last argument of a call.
---@class boltz.RequestOptions
---@field timeout? number seconds for one attempt; default the client's
---@field deadline? number seconds for the whole call with its retries; default the client's
---@field max_retries? integer attempts after the first; default the client's
---@field headers? boltz.Headers over the client's own
---@field query? boltz.Query over the parameters and the client's own
---@field retry_unsafe? boolean what makes something is tried again like the rest; default false
---@field validate? boolean parameters are checked; default the client's
---@field context? any is not sent; comes back in errors, events and the fields of a log

--- Options of a request that changes something.
---@class boltz.WriteOptions: boltz.RequestOptions
---@field extra_body? table<string, any> fields to put over those of the body

--- Options of `client:post` and the like.
---@class boltz.RawOptions: boltz.WriteOptions
---@field body? any value to send as JSON: a table, not text that is JSON already; default no body

--- Options of a list. `deadline` and `timeout` hold for each page.
---@class boltz.ListOptions: boltz.RequestOptions
---@field max_items? integer the list ends after so many; default none
---@field prefetch? boolean asks for the next page at half of the current one; default true
--- is told of each page as it comes, for a line that shows progress; default none
---@field on_page? fun(page: boltz.Page, items_so_far: integer, progress: boltz.Progress)

--- How far a list has been read, as `on_page` is told.
---@class boltz.Progress
---@field pages integer how many have come, this one among them
--- whether the list goes on; the page's own says so of its query alone, and a range may have more
---@field has_more boolean
--- how much of a range of time has been read, from 0 to 1; nil of lists without a range
---@field fraction? number

--- An attempt that has ended, as `on_attempt` is told.
---@class boltz.AttemptEvent
---@field method string of HTTP
---@field path string the template, such as `/compute/v1/admin/workspaces/{workspace_id}`
---@field attempt integer its number, from 1
---@field status? integer of HTTP; nil without an answer
---@field error? boltz.WireErrorKind why there is no complete answer; nil: there is one
---@field duration number seconds
---@field request_id? string of the answer
---@field call integer from 1; the same for all attempts of a call, another for each call
---@field context? any the option of the request, the same object

---@class boltz.Client
---@field workspaces boltz.Workspaces
---@field api_keys boltz.ApiKeys
---@field usage boltz.Usage
---@field auth boltz.Auth
---@field admin boltz.Admin the same resources under the names of the service's documentation
local Client = {}

---@class boltz.Admin
---@field workspaces boltz.Workspaces
---@field api_keys boltz.ApiKeys
---@field usage boltz.Usage

--- A copy with some options changed; `headers` and `query` are laid over the client's own. The two
--- share connections unless `transport` or `loop` changes.
---@param options boltz.Options
---@return boltz.Client client
function Client:with(options) end

--- Ends the calls that are under way, which return the error `cancelled`, and frees the shared
--- connections that no call uses, at once. Copies still in use open new ones.
function Client:close() end

--- GET of any endpoint.
---@param path string percent-encoded, from its first slash, such as `/compute/v1/auth/me`
---@param options? boltz.RequestOptions
---@return any value
---@return boltz.Error? err
---@return boltz.Response? response
function Client:get(path, options) end

--- POST to any endpoint. Tried again only when the server cannot have acted. Without `body` none is
--- sent; `body = {}` is an empty object.
---@param path string percent-encoded, from its first slash
---@param options? boltz.RawOptions
---@return any value
---@return boltz.Error? err
---@return boltz.Response? response
function Client:post(path, options) end

--- PUT to any endpoint.
---@param path string percent-encoded, from its first slash
---@param options? boltz.RawOptions
---@return any value
---@return boltz.Error? err
---@return boltz.Response? response
function Client:put(path, options) end

--- PATCH of any endpoint. Tried again only when the server cannot have acted.
---@param path string percent-encoded, from its first slash
---@param options? boltz.RawOptions
---@return any value
---@return boltz.Error? err
---@return boltz.Response? response
function Client:patch(path, options) end

--- DELETE of any endpoint.
---@param path string percent-encoded, from its first slash
---@param options? boltz.RawOptions
---@return any value
---@return boltz.Error? err
---@return boltz.Response? response
function Client:delete(path, options) end

--- A list from any endpoint that answers pages; parameters go into `options.query`, whose names and
--- values are sent as given: the service's lists end in `[]`, as `["group_by[]"] = {...}` does.
--- Ranges of any length, and times in seconds, are for `usage:list`.
---@param path string percent-encoded, from its first slash
---@param options? boltz.ListOptions
---@return boltz.Pager pager
---@return nil
---@return nil
---@return boltz.Pager closing
function Client:paginate(path, options) end

-- begin generated endpoints (make generate)

--- Isolated environments of the organization, each with its own data retention, keys and spending
--- limit ("Admin > Workspaces" of the service's reference).
---@class boltz.Workspaces
local Workspaces = {}

--- Makes a workspace. It is not tried again when the server may have made it.
---
--- POST /compute/v1/admin/workspaces
---@param params? boltz.WorkspaceCreateParams
---@param options? boltz.WriteOptions
---@return boltz.Workspace? workspace
---@return boltz.Error? err
---@return boltz.Response? response
function Workspaces:create(params, options) end

--- Lists workspaces, also those that have been archived.
---
--- GET /compute/v1/admin/workspaces
---@param params? boltz.WorkspaceListParams
---@param options? boltz.ListOptions
---@return boltz.WorkspacePager pager
---@return nil
---@return nil
---@return boltz.WorkspacePager closing
function Workspaces:list(params, options) end

--- Reads a workspace.
---
--- GET /compute/v1/admin/workspaces/{workspace_id}
---@param workspace_id string Which workspace
---@param options? boltz.RequestOptions
---@return boltz.Workspace? workspace
---@return boltz.Error? err
---@return boltz.Response? response
function Workspaces:retrieve(workspace_id, options) end

--- Changes a workspace's name or data retention.
---
--- POST /compute/v1/admin/workspaces/{workspace_id}
---@param workspace_id string Which workspace
---@param params? boltz.WorkspaceUpdateParams
---@param options? boltz.WriteOptions
---@return boltz.Workspace? workspace
---@return boltz.Error? err
---@return boltz.Response? response
function Workspaces:update(workspace_id, params, options) end

--- Archives a workspace for good and deactivates its keys.
---
--- POST /compute/v1/admin/workspaces/{workspace_id}/archive
---@param workspace_id string Which workspace
---@param options? boltz.WriteOptions
---@return boltz.Workspace? workspace
---@return boltz.Error? err
---@return boltz.Response? response
function Workspaces:archive(workspace_id, options) end

--- Reads a workspace's spending limit. The value is `boltz.null`, without an error, where no limit
--- is set.
---
--- GET /compute/v1/admin/workspaces/{workspace_id}/spending-limit
---@param workspace_id string Which workspace
---@param options? boltz.RequestOptions
---@return boltz.SpendingLimit|boltz.Null|nil limit
---@return boltz.Error? err
---@return boltz.Response? response
function Workspaces:retrieve_spending_limit(workspace_id, options) end

--- Sets a workspace's spending limit. The value is `boltz.null`, without an error, where no limit
--- is set.
---
--- PUT /compute/v1/admin/workspaces/{workspace_id}/spending-limit
---@param workspace_id string Which workspace
---@param params boltz.SpendingLimitParams
---@param options? boltz.WriteOptions
---@return boltz.SpendingLimit|boltz.Null|nil limit
---@return boltz.Error? err
---@return boltz.Response? response
function Workspaces:set_spending_limit(workspace_id, params, options) end

---@alias boltz.Currency "MILLI_USD"

--- How long results are kept before the service deletes them.
---@class boltz.DataRetention
---@field unit boltz.RetentionUnit The unit of `value`
---@field value integer How many: up to 14 days unless the organization has more; from 1

--- An amount of money.
---@class boltz.Money
---@field amount integer How much, exact to 2^53 - 1; milli-USD
---@field currency boltz.Currency|string Thousandths of a US dollar

--- The amount of a spending limit that is to be set.
---@class boltz.MoneyParams
--- The limit; 9007199254740991, which is `boltz.UNLIMITED`, stands for none; milli-USD, 0 to
--- 9007199254740991
---@field amount integer
---@field currency? boltz.Currency Thousandths of a US dollar, the only currency; default MILLI_USD

---@alias boltz.RetentionUnit "hours"|"days"

--- A spending limit that is set.
---@class boltz.SpendingLimit
--- What was spent since the limit was set; nil: the server is too old to say
---@field accrued_usage? boltz.Money
---@field limit boltz.Money What the workspace may spend: `boltz.UNLIMITED` stands for no limit
--- For which time: from when the limit is set, without an end
---@field type boltz.SpendingLimitType|string

--- A spending limit that is to be set.
---@class boltz.SpendingLimitParams
---@field limit boltz.MoneyParams What the workspace may spend
--- From when the limit is set, without an end; default lifetime
---@field type? boltz.SpendingLimitType

---@alias boltz.SpendingLimitType "lifetime"

--- A workspace.
---@class boltz.Workspace
---@field id string Its id
---@field archived_at? string When it was archived; ISO 8601, UTC; nil: it is in use
---@field created_at string When it was made; ISO 8601, UTC
---@field data_retention boltz.DataRetention How long its results are kept
---@field is_default boolean Whether keys that are made without a workspace belong to it
---@field name? string Its name; nil: it has none
---@field updated_at string When it was last changed; ISO 8601, UTC

---@class boltz.WorkspaceCreateParams
--- How long its results are kept; default the service's, 7 days
---@field data_retention? boltz.DataRetention
---@field name? string Its name; 1 to 255 characters; default none
---@field spending_limit? boltz.SpendingLimitParams What it may spend; default none

---@class boltz.WorkspaceListParams
---@field after_id? string Begins after this workspace; not together with `before_id`; default none
---@field before_id? string Reads backwards from this workspace, page by page; default none
--- The length of a page, not of the list; items, 1 to 100; default the service's, 100
---@field limit? integer
---@field name? string Only names that begin like this, in upper or lower case; default all
--- From `pager:cursor()`: passes over so many at the start; items, from 0; default 0
---@field _skip? integer

---@class boltz.WorkspaceUpdateParams
--- How long its results are kept from now on; default as it was
---@field data_retention? boltz.DataRetention
--- Its new name; `boltz.null` takes the name away; 1 to 255 characters; default as it was
---@field name? string|boltz.Null

---@class boltz.WorkspacePager: boltz.Pager
---@field next fun(self: boltz.WorkspacePager): boltz.Workspace?, boltz.Error?
---@field pages fun(self: boltz.WorkspacePager): (fun(): boltz.WorkspacePage?)
---@field all boltz.AllWorkspaces
---@field cursor fun(self: boltz.WorkspacePager): boltz.WorkspaceListParams
---@overload fun(): boltz.Workspace?

---@alias boltz.AllWorkspaces fun(self, max?: integer): boltz.Workspace[]?, boltz.Error?, any[]?

---@class boltz.WorkspacePage: boltz.Page
---@field data boltz.Workspace[]

--- Keys of the organization and its workspaces: an admin key may do everything, a workspace key
--- computes in its workspace ("Admin > API Keys" of the service's reference).
---@class boltz.ApiKeys
local ApiKeys = {}

--- Makes a workspace key. The answer alone has the key itself. It is not tried again when the
--- server may have made it.
---
--- POST /compute/v1/admin/api-keys
---@param params boltz.ApiKeyCreateParams
---@param options? boltz.WriteOptions
---@return boltz.NewApiKey? key
---@return boltz.Error? err
---@return boltz.Response? response
function ApiKeys:create(params, options) end

--- Lists keys, also those that have been revoked.
---
--- GET /compute/v1/admin/api-keys
---@param params? boltz.ApiKeyListParams
---@param options? boltz.ListOptions
---@return boltz.ApiKeyPager pager
---@return nil
---@return nil
---@return boltz.ApiKeyPager closing
function ApiKeys:list(params, options) end

--- Revokes a key for good.
---
--- POST /compute/v1/admin/api-keys/{api_key_id}/revoke
---@param api_key_id string Which key: its id, not the secret
---@param options? boltz.WriteOptions
---@return boltz.ApiKey? key
---@return boltz.Error? err
---@return boltz.Response? response
function ApiKeys:revoke(api_key_id, options) end

--- What is known of a key.
---@class boltz.ApiKey
---@field id string Its id
---@field allowed_ips string[] The addresses that may use it; empty: any
---@field created_at string When it was made; ISO 8601, UTC
---@field expires_at? string When it ends; ISO 8601, UTC; nil: never
---@field is_active boolean Whether it can be used
---@field key_prefix string The first 12 characters of the secret
---@field key_type boltz.KeyType|string What it is for
---@field last_used_at? string When it was last used; ISO 8601, UTC; nil: not yet
---@field livemode boolean False: it is a test key
---@field name string Its name
---@field workspace_id? string The workspace that it is bound to; nil: it is an admin key

---@class boltz.ApiKeyCreateParams
---@field name string Its name; 1 to 255 characters
--- The addresses that may use it; an empty list allows any; default any
---@field allowed_ips? string[]
---@field expires_in_days? integer After how long it ends; days, 1 to 365; default never
--- A test key costs nothing, and what it computes is made up; default the service's
---@field mode? boltz.Mode
---@field workspace_id? string The workspace that it is bound to; default the default workspace

---@class boltz.ApiKeyListParams
---@field after_id? string Begins after this key; not together with `before_id`; default none
---@field before_id? string Reads backwards from this key, page by page; default none
--- The length of a page, not of the list; items, 1 to 100; default the service's, 100
---@field limit? integer
---@field workspace_id? string Only keys of this workspace; default all
--- From `pager:cursor()`: passes over so many at the start; items, from 0; default 0
---@field _skip? integer

---@alias boltz.KeyType "admin"|"workspace"

---@alias boltz.Mode "live"|"test"

--- A key that was just made; no other answer has the key itself.
---@class boltz.NewApiKey
---@field key string The secret, which is never shown again
---@field key_details boltz.ApiKey What lists say of the key from now on

---@class boltz.ApiKeyPager: boltz.Pager
---@field next fun(self: boltz.ApiKeyPager): boltz.ApiKey?, boltz.Error?
---@field pages fun(self: boltz.ApiKeyPager): (fun(): boltz.ApiKeyPage?)
---@field all boltz.AllApiKeys
---@field cursor fun(self: boltz.ApiKeyPager): boltz.ApiKeyListParams
---@overload fun(): boltz.ApiKey?

---@alias boltz.AllApiKeys fun(self, max?: integer): boltz.ApiKey[]?, boltz.Error?, any[]?

---@class boltz.ApiKeyPage: boltz.Page
---@field data boltz.ApiKey[]

--- Billed quantities of the organization ("Admin > Usage" of the service's reference).
---@class boltz.Usage
local Usage = {}

--- Lists usage by windows of time, oldest first. A range that is longer than one query may cover
--- (31 days by HOUR, 365 by DAY) is read in parts.
---
--- GET /compute/v1/admin/usage
---@param params boltz.UsageListParams
---@param options? boltz.ListOptions
---@return boltz.UsagePager pager
---@return nil
---@return nil
---@return boltz.UsagePager closing
function Usage:list(params, options) end

---@alias boltz.Application
---| "structure_and_binding"
---| "small_molecule_design"
---| "small_molecule_library_screen"
---| "protein_design"
---| "protein_redesign"
---| "protein_library_screen"
---| "adme"

--- What was used in a window of time, by a group if that was asked for. What a unit costs is not in
--- this API: money that was spent is seen only in the `accrued_usage` of a workspace with a limit,
--- counted from when it was set.
---@class boltz.UsageBucket
---@field application? boltz.Application|string What it was used for; nil: not grouped by it
---@field end_time string When the window ends; ISO 8601, UTC
---@field quantity integer How much was used; billed units
---@field start_time string When the window begins; ISO 8601, UTC
---@field workspace_id? string The workspace that used it; nil: not grouped by it

---@alias boltz.UsageGroup "workspace_id"|"application"

---@class boltz.UsageListParams
---@field ending_at boltz.Time The end of the range
---@field starting_at boltz.Time The beginning of the range
---@field window_size boltz.WindowSize How long a window is
--- Only usage by these applications; default all
---@field applications? boltz.Application|boltz.Application[]
--- Makes a bucket for each workspace, each application, or each pair of them; default one bucket a
--- window
---@field group_by? boltz.UsageGroup|boltz.UsageGroup[]
--- The length of a page, not of the list; buckets, from 1; default the service's
---@field limit? integer
--- The cursor of a page, which the page before it has as `next_page`; default the first page
---@field page? string
--- Only usage in these workspaces: as many as fit into a URL of 8,000 bytes. An empty list is no
--- filter: all workspaces; default all
---@field workspace_ids? string|string[]
--- From `pager:cursor()`: passes over so many at the start; items, from 0; default 0
---@field _skip? integer

---@alias boltz.WindowSize "HOUR"|"DAY"

---@class boltz.UsagePager: boltz.Pager
---@field next fun(self: boltz.UsagePager): boltz.UsageBucket?, boltz.Error?
---@field pages fun(self: boltz.UsagePager): (fun(): boltz.UsagePage?)
---@field all boltz.AllUsage
---@field cursor fun(self: boltz.UsagePager): boltz.UsageListParams
---@overload fun(): boltz.UsageBucket?

---@alias boltz.AllUsage fun(self, max?: integer): boltz.UsageBucket[]?, boltz.Error?, any[]?

---@class boltz.UsagePage: boltz.Page
---@field data boltz.UsageBucket[]

--- The credential in use.
---@class boltz.Auth
local Auth = {}

--- Tells whose credential this is.
---
--- GET /compute/v1/auth/me
---@param options? boltz.RequestOptions
---@return boltz.KeyPrincipal|boltz.UserPrincipal|nil principal
---@return boltz.Error? err
---@return boltz.Response? response
function Auth:me(options) end

--- An API key, as `auth:me` answers it.
---@class boltz.KeyPrincipal
---@field api_key_id string The key's id
---@field key_type boltz.KeyType|string What the key is for
---@field mode boltz.Mode|string What the key makes: real resources, or made-up ones
---@field organization_id string The organization that the key belongs to
---@field organization_name? string The organization's name; nil: the service does not say
---@field principal_type "api_key" Tells it from a user
---@field selected_organization_id string The organization that calls act on
---@field workspace_id? string The workspace that the key is bound to; nil: it is an admin key

--- A user's place in an organization.
---@class boltz.Membership
---@field compute_role string The user's role in it
---@field organization_id string The organization
---@field organization_name? string Its name; nil: the service does not say

--- An OAuth user, as `auth:me` answers it.
---@class boltz.UserPrincipal
---@field active_organization_id string The user's active organization
---@field organization_memberships boltz.Membership[] The organizations that the user belongs to
---@field principal_type "user" Tells it from a key
---@field selected_organization_id string The organization that calls act on
---@field user_id string The user's id

-- end generated endpoints

--- A list as an iterator: `for` calls it for the next item, and it raises the error of a request
--- that failed. For one coroutine at a time.
---@class boltz.Pager
---@overload fun(): any
local Pager = {}

--- The next item; nil at the end. After an error it may be called again.
---@return any item
---@return boltz.Error? err
function Pager:next() end

--- Iterates over pages. Raises the error of a request that failed.
---@return fun(): boltz.Page?
function Pager:pages() end

--- All items that are left.
---@param max? integer stops after so many; default none
---@return any[]? items
---@return boltz.Error? err
---@return any[]? before with an error: the items that came before it
function Pager:all(max) end

--- Parameters for the same list that continue after the last item taken, also in another process.
--- `max_items` and other options are not among them. Under `boltz.map` the last item taken is ahead
--- of the results: map the `data` of each page, and keep the cursor when its results are there.
---@return table<string, any> params
function Pager:cursor() end

--- Ends the iteration and a request that is under way. Lua 5.4 and 5.5 do it when a `for` is left.
function Pager:close() end

--- A page as the service sent it, and its response. Which cursors it has depends on the endpoint.
---@class boltz.Page
---@field data any[]
---@field has_more? boolean
---@field first_id? string lists of workspaces and keys
---@field last_id? string lists of workspaces and keys
---@field next_page? string usage
---@field response boltz.Response

--- The third result of a call.
---@class boltz.Response
---@field status integer of HTTP
---@field headers table<string, string> looked up in any case; credentials are left out
---@field request_id? string
---@field attempts integer
---@field elapsed number seconds from the beginning of the call, waits between attempts included

--- Why no complete answer came.
---@alias boltz.WireErrorKind
---| "connection"
---| "tls"
---| "timeout"
---| "cancelled"
---| "invalid_response"

---@alias boltz.ErrorKind
---| "bad_request" # 400
---| "authentication" # 401
---| "permission_denied" # 403
---| "not_found" # 404
---| "conflict" # 409
---| "unprocessable_entity" # 422
---| "rate_limit" # 429
---| "internal_server" # 5xx
---| "redirect" # 3xx, which is never followed
---| "status" # any other
---| "connection" # no answer: no connection, or one that broke
---| "tls" # no answer: no trust, or no agreement
---| "timeout" # no answer within timeout or deadline
---| "cancelled" # the call was ended, or could not wait where it was made
---| "read_only" # nothing was sent, as the client is `read_only`
---| "invalid_response" # cut short, too large, not JSON, or a cursor that repeats

--- The second result of a call that fails for reasons outside the program. Can be printed and
--- concatenated.
---@class boltz.Error
---@field kind boltz.ErrorKind
---@field message string the service's, or the client's own
---@field status? integer of HTTP; nil without an answer
---@field code? string the service's name for it
---@field details? any what else the service says
---@field request_id? string
---@field headers table<string, string> of the answer; looked up in any case
---@field body? string the beginning, up to 4096 bytes: the answer's, or what was not sent
---@field method string of HTTP
---@field path string the template, such as `/compute/v1/admin/workspaces/{workspace_id}`
---@field url_path string the path as sent, without the query, up to 8192 bytes
---@field attempts integer
---@field retryable boolean whether the same call may succeed later
---@field maybe_applied boolean the server may have carried it out although no answer says so
---@field where? string the caller's file and line, such as `audit.lua:12`; nil where Lua knows none
---@field context? any the option of the request, the same object
---@field retry_after? number seconds that the server asked for, or what is left of them; from 0
---@operator concat(any): string

--- A loop of one's own: lets the host run until the engine's descriptor is readable, for so many
--- seconds at most (`math.huge`: no limit). See docs/embedding/other.md.
---@class boltz.PollLoop
---@field poll fun(engine: boltz.Engine, seconds: number)

--- What moves the bytes, as a loop of one's own sees it. The names are those of cqueues.
---@class boltz.Engine
local Engine = {}

--- The descriptor to watch; nil in a build without epoll.
---@return integer? descriptor
function Engine:pollfd() end

--- What to watch it for.
---@return "r" events
function Engine:events() end

--- Seconds after which it wants a step even if nothing is readable; nil: never.
---@return number? seconds
function Engine:timeout() end

--- Does what can be done without waiting. The loop calls it after each `poll`.
---@return integer news 0: nothing has come that somebody may wait for
function Engine:step() end

--- Answers requests in place of the network. Its answers have the bounds of those from there.
---@class boltz.Transport
---@field clock? boltz.Clock absent: waits take their time
local Transport = {}

---@param method string of HTTP
---@param path string percent-encoded, without the query
---@param query string without "?"; "" for none
---@param headers table<string, string> names in lower case
---@param body? string
---@return integer status
---@return table<string, any>? headers names in any case
---@return string? body
---@return boltz.Wire? wire
function Transport:handle(method, path, query, headers, body) end

--- The time of a transport, for tests: deadline, backoff, holds and `elapsed` read it, and a wait
--- takes no time, but moves it to its end; one of several tasks to the earliest end.
---@class boltz.Clock
local Clock = {}

--- Seconds since some time or other, with fractions. Never less than before.
---@return number seconds
function Clock:now() end

--- Seconds since the epoch.
---@return number seconds
function Clock:wall() end

--- Moves both on.
---@param seconds number
function Clock:advance(seconds) end

--- What the network would do to an answer.
---@class boltz.Wire
---@field drop? boolean no answer at all
---@field truncate? integer so many bytes of the body come
---@field latency? number seconds, of the clock if there is one; above the timeout it is a timeout

--- `require "boltz.emulator"`, a stand-in for the service.
---@class boltz.emulator
local emulator = {}

--- Starts an emulator in this process.
---@param options? boltz.EmulatorOptions
---@return boltz.Emulator emulator
function emulator.new(options) end

---@class boltz.EmulatorOptions
---@field seed? number another one gives other ids, keys and usage; default 1
---@field workspaces? number how many it starts with, the default one included; default 5
---@field now? fun(): number its time in seconds since the epoch; default the machine's
---@field admin_key? string default made from the seed
---@field bearer_token? string lets an OAuth user in; default none

---@class boltz.Emulator: boltz.Transport
---@field admin_key string
---@field clock boltz.Clock its time, and its clients': waits move it on
---@field seed number
---@field organization table its id, name and role
---@field user? table the OAuth user's id, token and organizations
---@field store table what it remembers: the collections `workspaces` and `keys`, to look at
---@field meter table what usage is made up of
---@field ledger table what `use` has added to it
local Emulator = {}

--- Answers a request.
---@param method string of HTTP
---@param path string as it was sent, without the query
---@param query? string|table as it was sent, without "?", or decoded
---@param headers? table<string, string> names in any case
---@param body? string
---@param address? string the client's IP address; without it `allowed_ips` are not enforced
---@return integer status 0: dropped
---@return table<string, string> headers names in lower case
---@return string body
---@return boltz.Wire? wire what only the carrier can do
function Emulator:handle(method, path, query, headers, body, address) end

--- Asks for misbehaviour.
---@param fault boltz.Fault
function Emulator:fault(fault) end

--- Takes all faults away.
function Emulator:reset_faults() end

--- Adds usage, which lists of usage show, and spending, which limits show from when they were set.
---@param use boltz.Use
function Emulator:use(use) end

--- The latest 1,000 requests, oldest first.
---@return boltz.EmulatorRequest[] requests
---@return integer total how many there were in all
function Emulator:requests() end

--- Its time, in whole seconds since the epoch.
---@return integer seconds
function Emulator:now() end

--- A use, which `Emulator:use` adds. It has a quantity, an amount, or both.
---@class boltz.Use
---@field workspace_id? string default the default workspace's
---@field application? string such as "adme"; needed for a quantity
---@field quantity? number units
---@field amount? number milli-USD; default what so many units cost
---@field at? number|string seconds since the epoch or ISO 8601, not in the future; default now

--- A request that came. Of what is large the beginning is kept: 16 KiB of a body, 1 KiB of others.
---@class boltz.EmulatorRequest
---@field method string
---@field path string as it was sent
---@field query table<string, string|string[]> decoded; a list where it may come several times
---@field headers table<string, string> by lower-case names; 12 characters at most of a credential
---@field body? any the value where it is JSON, else text; nil: none
---@field status integer of the answer; 0: dropped

--- Which requests are spoiled, and how.
---@class boltz.Fault
---@field method? string of HTTP; default any
---@field path? string a path or its template; default any
---@field after? number lets so many pass first; default 0
---@field times? number spoils so many, `math.huge`: all; default 1
---@field every? number of those that match, each so-manieth; default 1
---@field status? number answers this status
---@field headers? table<string, any> over those of the answer
---@field body? string|table text, or a JSON value
---@field retry_after? number seconds
---@field latency? number seconds
---@field drop? boolean closes without an answer
---@field truncate? number so many bytes of the body come
---@field malformed? boolean a body that is not JSON
---@field repeat_cursor? boolean a page that names the cursor that it was asked for
---@field acted? boolean carried out all the same; default not with status or drop

return boltz
