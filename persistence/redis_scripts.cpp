#include "persistence/redis_scripts.hpp"

namespace banyan::detail {
namespace {

constexpr std::array<std::string_view, redis_script_count> sources{
    R"(local taken = {}
if redis.call('EXISTS', KEYS[1]) == 1 then
  local fields = {}
  for i = 1, #ARGV, 2 do fields[(i + 1) / 2] = ARGV[i] end
  local there = redis.call('HMGET', KEYS[1], unpack(fields))
  for i = 1, #fields do
    if there[i] then
      taken[#taken + 1] = i
      taken[#taken + 1] = there[i]
    end
  end
  if #taken > 0 then
    for i = 1, #fields do redis.call('HSETNX', KEYS[1], fields[i], ARGV[2 * i]) end
    return taken
  end
end
redis.call('HSET', KEYS[1], unpack(ARGV))
return taken)",

    R"(local ends = redis.call('ZSCORE', KEYS[5], ARGV[1])
if ends and tonumber(ends) <= tonumber(ARGV[2]) then
  for _, list in ipairs({KEYS[1], KEYS[4], KEYS[5]}) do redis.call('ZREM', list, ARGV[1]) end
end
if redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  redis.call('SADD', KEYS[3], ARGV[1])
end
return redis.call('HGET', KEYS[2], ARGV[1]))",

    R"(local before = redis.call('HGET', KEYS[3], ARGV[1])
if before then redis.call('SREM', ARGV[4] .. before, ARGV[1]) end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
return redis.call('SADD', KEYS[4], ARGV[1]))",

    R"(if redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[3] then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
  redis.call('SREM', KEYS[3], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return 1)",

    R"(local driver = redis.call('HGET', KEYS[3], ARGV[1])
if driver and driver ~= '' and driver ~= ARGV[2] then return 0 end
redis.call('SREM', ARGV[3] .. (driver or ARGV[2]), ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1]))",

    R"(local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then redis.call('ZADD', KEYS[3], now + ARGV[2], ARGV[1]) end
for _, root in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 10)) do
  for _, list in ipairs(KEYS) do redis.call('ZREM', list, root) end
end
return 1)",

    R"(redis.call('SADD', KEYS[1], ARGV[1])
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
redis.pcall('PUBLISH', KEYS[1], '')
return 1)",

    R"(if redis.call('EXISTS', KEYS[2]) == 0 and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('RENAME', KEYS[1], KEYS[2])
end
return redis.call('SMEMBERS', KEYS[2]))",

    R"(local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return holder)",

    R"(if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0)",

    R"(if ARGV[1] == '' then return 0 end
local homes = redis.call('HGET', KEYS[1], 'n')
if not homes then return redis.call('HSET', KEYS[1], 'n', ARGV[1]) end
if string.find(' ' .. homes .. ' ', ' ' .. ARGV[1] .. ' ', 1, true) then return 0 end
return redis.call('HSET', KEYS[1], 'n', homes .. ' ' .. ARGV[1]))",

    R"(if redis.call('GET', KEYS[2]) ~= ARGV[4] then return 0 end
local there = redis.call('HGET', KEYS[1], ARGV[1])
local draining = '0'
if there and string.sub(there, 1, 16) == ARGV[2] then draining = string.sub(there, 18, 18) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. draining .. ' ' .. ARGV[3])
return 1)",

    R"(if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there and string.sub(there, 1, 16) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1)",

    R"(local all = redis.call('HGETALL', KEYS[1])
local found = {}
for i = 1, #all, 2 do
  local lease = ARGV[1] .. all[i]
  found[#found + 1] = all[i]
  found[#found + 1] = all[i + 1]
  found[#found + 1] = redis.call('GET', lease) or ''
  found[#found + 1] = redis.call('PTTL', lease)
end
return found)",

    R"(redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -ARGV[3], -1)
return redis.call('PEXPIRE', KEYS[1], ARGV[2]))",

    R"(local found = redis.call('LRANGE', KEYS[1], 0, -1)
redis.call('DEL', KEYS[1])
return found)",

    R"(local there = redis.call('HGET', KEYS[1], ARGV[1])
if not there then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], string.sub(there, 1, 17) .. ARGV[2] .. string.sub(there, 19))
return 1)",

    R"(local there = redis.call('HGET', KEYS[1], ARGV[1])
if not there then return 0 end
local lease = redis.call('GET', KEYS[2])
if lease and string.sub(lease, 1, 16) == string.sub(there, 1, 16) then return lease end
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
if not lease then
  for i = 4, 5 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
end
return 1)",

    R"(if redis.call('GET', KEYS[5]) ~= ARGV[4] then return -1 end
local driver = redis.call('HGET', KEYS[1], ARGV[1])
if driver == ARGV[3] then return 1 end
if driver ~= ARGV[2] then return 0 end
local lease = driver ~= '' and redis.call('GET', KEYS[4])
if lease then return lease end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
return 1)",

    R"(if redis.call('GET', KEYS[4]) ~= ARGV[4] then return -1 end
local driver = redis.call('HGET', KEYS[1], ARGV[1])
if driver == ARGV[3] then return 1 end
if driver ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then
  local there = redis.call('HGET', KEYS[5], ARGV[3])
  if not there or string.sub(there, 18, 18) == '1' then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
return 1)",

    R"(local value = redis.call('GET', KEYS[1]) or ''
if value ~= ARGV[1] and value ~= ARGV[2] then return value end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return false)",
};

}  // namespace

std::array<std::string, redis_script_count> redis_scripts::load(redis_connection& c) {
  redis_commands commands;
  for (const std::string_view source : sources) commands.add({"SCRIPT", "LOAD", source});
  c.send(commands);
  std::array<std::string, redis_script_count> names;
  for (std::string& name : names) {
    const redis_reply reply = c.receive();
    c.expect(*reply);
    name = text_of(*reply);
  }
  return names;
}

}  // namespace banyan::detail
