#include "engine/skill/checker/pattern_tables.h"

namespace skillbox {
namespace {

constexpr auto inRaw = TextView::Raw;
constexpr auto secretScope = PatternScope::Line;
constexpr const char *givenAway = "%1 gives access to whoever reads the skill";

// Prefixes and lengths as the issuers document them.
constexpr Pattern secretTable[] = {
    {Rule::Secret, kindAnyText, inRaw, "AKIA|ASIA", R"re(\b((?:AKIA|ASIA)[A-Z2-7]{16})\b)re",
     givenAway, secretScope},
    {Rule::Secret, kindAnyText, inRaw, "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_",
     R"re(\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b)re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "glpat-", R"re(\b(glpat-[A-Za-z0-9_-]{20,}))re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "xox", R"re(\b(xox[abposr]-[A-Za-z0-9-]{20,}))re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "AIza", R"re(\b(AIza[A-Za-z0-9_-]{35})\b)re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "sk_live_|rk_live_|whsec_",
     R"re(\b((?:[sr]k_live|whsec)_[A-Za-z0-9]{20,})\b)re", givenAway, secretScope},
    {Rule::Secret, kindAnyText, inRaw, "sk-",
     R"re((?:^|[^\w-])(sk-(?:[a-z]{2,8}-)?[A-Za-z0-9_-]{32,})(?:[^\w-]|$))re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "npm_", R"re(\b(npm_[A-Za-z0-9]{36})\b)re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "pypi-AgEI", R"re((pypi-AgEI[A-Za-z0-9_-]{40,}))re",
     givenAway, secretScope},
    {Rule::Secret, kindAnyText, inRaw, "SG.",
     R"re(\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})\b)re", givenAway, secretScope},
    {Rule::Secret, kindAnyText, inRaw,
     "AccountKey=", R"re((AccountKey=[A-Za-z0-9+/]{80,}={0,2}))re", givenAway, secretScope},
    {Rule::Secret, kindAnyText, inRaw, "hf_", R"re(\b(hf_[A-Za-z0-9]{34,})\b)re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "dop_v1_|dckr_pat_|shpat_",
     R"re(\b(dop_v1_[a-f0-9]{64}|dckr_pat_[A-Za-z0-9_-]{27}|shpat_[a-fA-F0-9]{32}))re", givenAway,
     secretScope},
    {Rule::Secret, kindAnyText, inRaw, "://",
     R"re((?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp|https?|ftp)://[A-Za-z0-9_.-]{1,64}:([^\s:@/"'<>${}*]{8,100})@[A-Za-z0-9.-]+\.[A-Za-z]{2,})re",
     "the address holds the password %1", secretScope},
    {Rule::PrivateKey, kindAnyText, inRaw, "PRIVATE KEY-----",
     R"re((-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----)(?:\s|\\n|\\r)*[A-Za-z0-9+/=:\s]{40,})re",
     "a private key begins here", PatternScope::Lines},
};

} // namespace

std::span<const Pattern> secretPatterns()
{
    return secretTable;
}

} // namespace skillbox
