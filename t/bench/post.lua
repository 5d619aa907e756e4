-- What wrk sends: one POST again and again, or one that is never the same twice.
--
--     wrk -s post.lua URL -- BODY TOKEN FIRST
--
-- Every @N@ in BODY becomes a number, counted up from FIRST. TOKEN may be empty. The result is one
-- line that t/bench/run reads; the times in it are in microseconds.

function init(args)
    local body, token, n = args[1], args[2], tonumber(args[3])

    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    if token ~= "" then
        wrk.headers["Authorization"] = "Bearer " .. token
    end

    if not body:find("@N@", 1, true) then
        wrk.body = body
        return
    end

    request = function()
        n = n + 1
        return wrk.format(nil, nil, nil, (body:gsub("@N@", string.format("%d", n))))
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("result requests=%d duration=%d errors=%d p50=%d p99=%d\n",
        summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
        latency:percentile(50), latency:percentile(99)))
end
