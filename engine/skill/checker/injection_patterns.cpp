#include "engine/skill/checker/pattern_tables.h"

namespace skillbox {
namespace {

// A model reads comments and data as it reads prose.
constexpr SourceKinds anyKind = kindAnyText;
constexpr auto inSentence = PatternScope::Lines;

constexpr Pattern injectionTable[] = {
    {Rule::OverrideInstructions, anyKind, TextView::Prose, "ignore|disregard|forget|discard",
     R"re(\b((?:ignore|disregard|forget|discard)\s+(?:[\w',]+\s+){0,4}(?:previous|prior|above|earlier|preceding|system|safety|your)\s+(?:[\w',]+\s+){0,2}(?:instructions?|prompts?|rules|guidelines|directions|directives|constraints)))re",
     "%1 tells the model to drop its instructions", inSentence},
    {Rule::OverrideInstructions, anyKind, TextView::Prose, "override|bypass|circumvent",
     R"re(\b((?:override|bypass|circumvent)\s+(?:\w+\s+){0,2}(?:your|system|safety|the\s+model's)\s+(?:\w+\s+){0,2}(?:instructions?|prompts?|guidelines|policies|policy|filters?|safeguards|restrictions)))re",
     "%1 tells the model to drop its instructions", inSentence},
    {Rule::OverrideInstructions, anyKind, TextView::Prose,
     "you are now|do anything now|jailbr|unrestricted|uncensored|developer mode",
     R"re(\b(you\s+are\s+now\s+(?:in\s+)?(?:an?\s+)?(?:developer\s+mode|dan\b|jailbroken|unrestricted|uncensored|free\s+of)|do\s+anything\s+now|act\s+as\s+(?:an?\s+)?(?:unrestricted|uncensored|jailbroken)|(?:enter|enable)\s+developer\s+mode))re",
     "%1 tells the model to drop its instructions", inSentence},
    {Rule::OverrideInstructions, anyKind, TextView::Prose, "instructions|prompt",
     R"re(\b((?:these|the\s+following|my|this\s+skill's)\s+instructions?\s+(?:\w+\s+)?(?:take\s+precedence\s+over|supersede|override|replace)\s+(?:all|any|your|the\s+system|every)|(?:reveal|print|output|repeat|leak|disclose)\s+(?:\w+\s+){0,3}(?:system\s+prompt|hidden\s+instructions|initial\s+instructions)|your\s+new\s+(?:system\s+prompt|instructions?\s+are)))re",
     "%1 puts itself above the operator's instructions", inSentence},
    {Rule::ConcealsFromUser, anyKind, TextView::Prose, "user",
     R"re(\b((?:do\s+not|don't|never|without)\s+(?:\w+\s+){0,2}(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|reveal(?:ing)?|alert(?:ing)?|notify(?:ing)?|disclos(?:e|ing))\s+(?:\w+\s+){0,5}(?:the\s+)?user\b|(?:keep|hide|conceal)\s+(?:this|it|these\s+\w+|that)\s+(?:\w+\s+){0,3}from\s+the\s+user|without\s+the\s+user(?:'s|\x{e2}\x{80}\x{99}s)?\s+(?:knowledge|noticing|knowing|consent)))re",
     "%1 tells the model to hide something from its user", inSentence},
    {Rule::ConcealsFromUser, anyKind, TextView::Prose, "silently|secretly|covertly|quietly",
     R"re(\b((?:silently|secretly|covertly|quietly)\s+(?:send|upload|run|execute|collect|copy|post|forward|exfiltrat\w*|record|transmit)))re",
     "%1 tells the model to hide what it does", inSentence},
    {Rule::ExfiltrationInstruction, anyKind, TextView::Prose,
     "send|post|upload|forward|transmit|exfiltrate|email|leak|append|include|embed|encode|submit",
     R"re(\b((?:send|post|upload|forward|transmit|exfiltrate|email|leak|append|include|embed|encode|submit)\s+[^.\n]{0,100}?(?:conversation|chat\s+history|system\s+prompt|environment\s+variables|contents?\s+of\s+(?:the\s+)?(?:\.env|user|home|every|all)|user(?:'s)\s+(?:files|data|credentials|passwords?|keys|messages|secrets)|(?:all|any|every|found|their)\s+(?:\w+\s+)?(?:credentials|secrets|api\s+keys?|passwords|tokens))[\s\S]{0,120}?(?:https?://|\w@\w+\.\w|webhook|endpoint|our\s+server|remote\s+server)))re",
     "%1 makes the model send data about its user away", inSentence},
    {Rule::RoleMarkers, kindMarkdown | kindText, TextView::Prose,
     "<|im_|<|system|<|assistant|<|user|<|endof|[inst]|[/inst]|<<sys>>|<system|</system",
     R"re((<\|(?:im_start|im_end|system|assistant|user|endoftext)\|>|\[/?inst\]|<</?sys>>|</?system(?:_prompt|-prompt|-reminder)?>))re",
     "%1 pretends that somebody else speaks", PatternScope::Line},
    {Rule::SkipsConsent, kindMarkdown | kindText, TextView::Prose,
     "permission|confirmation|approval|consent",
     R"re(\b((?:never|do\s+not|don't|without)\s+(?:ever\s+)?(?:ask(?:ing)?|request(?:ing)?|wait(?:ing)?|seek(?:ing)?)\s+(?:\w+\s+){0,3}(?:for\s+)?(?:\w+\s+){0,2}(?:permission|confirmation|approval|consent)))re",
     "%1 takes the decision from the user", inSentence},
    {Rule::SkipsConsent, kindMarkdown | kindText, TextView::Lower,
     "skip-permissions|bypasspermissions|auto-approve|autoapprove|auto approve|safety|security",
     R"re((--dangerously-skip-permissions|bypasspermissions|auto-?\s?approve\s+(?:all|every|any)\b|(?:disable|turn\s+off)\s+(?:all\s+|the\s+)?(?:safety|security)\s+(?:checks?|features?|prompts?|guards?|guardrails)))re",
     "%1 takes the decision from the user", PatternScope::Line},
    {Rule::HiddenByStyle, kindMarkdown, TextView::Prose, "style|hidden",
     R"re((<\w+[^>]*style\s*=\s*["'][^"'>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|em|rem|pt|%)?\s*[;"']|opacity\s*:\s*0(?:\.0+)?\s*[;"']|color\s*:\s*(?:white|transparent|#fff(?:fff)?\b))|<(?:span|div|p)[^>]*\shidden[\s>]))re",
     "%1 hides text from people", PatternScope::Line},
    {Rule::ImageExfiltration, kindMarkdown, TextView::Prose, "](|<img",
     R"re((!\[[^\]\n]*\]\(\s*<?https?://[^)\n]*[?&/=][^)\n]*(?:\{\{?[^}\n)]+\}|<[a-z_ -]+>|\$\{?[a-z_]+|%7b|\[[a-z_ ]+\])|<img\b[^>]*src\s*=\s*["']?https?://[^"'>\n]*[?&=][^"'>\n]*(?:\{\{?[^}\n]+\}|\$\{?[a-z_]+|%7b|\[[a-z_ ]+\])))re",
     "%1 sends data as soon as the text is shown", PatternScope::Line},
};

} // namespace

std::span<const Pattern> injectionPatterns()
{
    return injectionTable;
}

} // namespace skillbox
