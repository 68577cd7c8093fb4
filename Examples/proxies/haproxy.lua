-- Asks Dragoman whether a request may pass; haproxy.cfg says when, and where Dragoman is.
local dragoman = os.getenv("DRAGOMAN")

-- Of the client's fields the question has only these, so nothing else of them can name the request. All values of each go along: who sends two
-- tokens is refused.
local asked_with = { "authorization", "x-api-key", "accept-language", "origin", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host" }

-- Of an answer that goes to the client, these are of another connection.
local of_connection = { ["connection"] = true, ["content-length"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true }

local function values(fields, name)
    local found, index = {}, 0
    while fields[name] and fields[name][index] do
        found[index + 1] = fields[name][index]
        index = index + 1
    end
    return found
end

local function question(txn)
    local fields = txn.http:req_get_headers()
    local sent = { ["x-forwarded-uri"] = { txn.sf:pathq() }, ["x-forwarded-method"] = { txn.sf:method() } }
    for _, name in ipairs(asked_with) do
        local given = values(fields, name)
        if #given > 0 then sent[name] = given end
    end
    return sent
end

local function refuse(txn, answer)
    local reply = txn:reply({ status = answer.status, body = answer.body })
    for name in pairs(answer.headers) do
        if not of_connection[name] then
            for _, value in ipairs(values(answer.headers, name)) do reply:add_header(name, value) end
        end
    end
    txn:done(reply)
end

-- HAProxy asks up to four times, each time for two seconds at most.
core.register_action("ask_dragoman", { "http-req" }, function(txn)
    local answer = core.httpclient():get({ url = dragoman .. "/_dragoman/authorize", headers = question(txn), timeout = 2000 })
    if not answer or not answer.status or answer.status == 0 then return end
    if answer.status ~= 200 then return refuse(txn, answer) end
    for name in pairs(answer.headers) do
        if name:find("^x%-dragoman%-") then txn.http:req_set_header(name, answer.headers[name][0]) end
    end
    txn:set_var("txn.passes", true)
end)
