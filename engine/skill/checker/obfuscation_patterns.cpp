#include "engine/skill/checker/pattern_tables.h"

namespace skillbox {
namespace {

constexpr auto hiddenInLine = PatternScope::Line;
constexpr auto hiddenInLines = PatternScope::Lines;

constexpr Pattern obfuscationTable[] = {
    {Rule::DecodedAndRun, kindPython | kindMarkdown, TextView::Bare, "exec(|eval(|compile(",
     R"re((?:^|[^\w.])((?:exec|eval|compile)\([^\n]{0,160}(?:b64decode|b32decode|b16decode|a85decode|b85decode|unhexlify|fromhex|decompress\(|marshal\.loads|codecs\.decode|rot_?13|\[::-1\])))re",
     "%1 decodes something and runs it", hiddenInLine},
    {Rule::DecodedAndRun, kindPython, TextView::Bare,
     "b64decode|b32decode|a85decode|b85decode|unhexlify|fromhex|decompress(|codecs.decode|[::-1]",
     R"re((=\s*[^\n]{0,80}(?:b64decode|b32decode|a85decode|b85decode|unhexlify|fromhex|decompress|codecs\.decode|\[::-1\])[\s\S]{0,300}?(?:\n|[^\w.\n])(?:exec|eval|os\.system|subprocess\.\w+)\())re",
     "something is decoded and run", hiddenInLines},
    {Rule::DecodedAndRun, kindPython, TextView::Code, "__import__(",
     R"re((__import__\(\s*["'](?:base64|zlib|marshal|codecs)["']\s*\)[^\n]{0,120}))re",
     "%1 decodes something out of sight", hiddenInLine},
    {Rule::DecodedAndRun, kindJs | kindMarkdown, TextView::Code, "eval(|function(|runin",
     R"re((?:^|[^\w.])((?:eval|new\s+function|vm\.runin\w+)\([^\n]{0,60}(?:atob\(|buffer\.from\(|unescape\(|decodeuricomponent\(|string\.fromcharcode\()))re",
     "%1 decodes something and runs it", hiddenInLine},
    {Rule::DecodedAndRun, kindJs, TextView::Code, "atob(|buffer.from(",
     R"re((=\s*(?:atob\(|buffer\.from\([^)\n]*["'](?:base64|hex)["']\s*\))[\s\S]{0,300}?(?:[^\w.]eval|new\s+function|vm\.runin\w+|execsync|\bexec|\bspawn)\())re",
     "something is decoded and run", hiddenInLines},
    {Rule::DecodedAndRun, kindCode, TextView::Code, "base64|xxd|openssl|gunzip|zcat|gzip|rev|tr ",
     R"re(((?:base64\s+(?:-\w*d\w*|--decode)|xxd\s+-r|openssl\s+(?:enc|base64)\s[^\n|]*-d|\bgunzip\b|\bzcat\b|gzip\s+-\w*d\w*|\|\s*rev\b|\|\s*tr\s+\S+\s+\S+)[^\n]*\|\s*(?:sudo\s+)?(?:(?:ba|z|da)?sh\b|(?:python3?|node|perl)\s*(?:-\s|-$|$|[;&"'`)]))))re",
     "%1 decodes something and runs it", hiddenInLine},
    {Rule::DecodedAndRun, kindCode, TextView::Code, "eval|bash|sh ",
     R"re(((?:\beval|\b(?:ba|z)?sh\s+-c|\bsource|\b(?:ba|z)?sh)\s+["']?(?:\$\(|`|<\()[^)`\n]*(?:base64\s+(?:-\w*d|--decode)|xxd\s+-r|\brev\b|gunzip|openssl\s+\w+\s[^\n]*-d)))re",
     "%1 decodes something and runs it", hiddenInLine},
    {Rule::CharacterAssembly, kindPython, TextView::Bare, "chr(|chr,",
     R"re(((?:chr\(\s*\d{1,3}\s*\)\s*\+\s*){4,}|join\(\s*(?:map\(\s*chr\s*,|chr\(\w+\)\s+for\s+\w+\s+in\s+[\[(]\s*\d)))re",
     "%1 puts text together from numbers", hiddenInLine},
    {Rule::CharacterAssembly, kindJs, TextView::Bare, "fromcharcode(",
     R"re((string\.fromcharcode\(\s*(?:(?:0x)?[0-9a-f]+\s*,\s*){5,}))re",
     "%1 puts text together from numbers", hiddenInLine},
    {Rule::CharacterAssembly, scriptKinds, TextView::Code, "\\x|\\1|\\0|\\u00",
     R"re(((?:\\x[2-7][0-9a-f]){10,}|(?:\\[01][0-7]{2}){10,}|(?:\\u00[2-7][0-9a-f]){8,}))re",
     "%1 spells text in numbers", hiddenInLine},
    {Rule::CharacterAssembly, kindPython, TextView::Code, "__builtins__|globals()[|__import__(",
     R"re((getattr\(\s*__builtins__|__builtins__\s*\[|__builtins__\.__dict__|globals\(\)\s*\[\s*["']|__import__\(\s*["'][a-z]+["']\s*\+))re",
     "%1 hides which function it calls", hiddenInLine},
};

} // namespace

std::span<const Pattern> obfuscationPatterns()
{
    return obfuscationTable;
}

} // namespace skillbox
