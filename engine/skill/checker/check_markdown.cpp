#include "engine/skill/checker/check_state.h"

#include "engine/base/quoted_name.h"

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Whether a comment speaks to a model: it names one, and says what to do.
bool isInstruction(QByteArrayView comment)
{
    const auto any = [comment](auto words) {
        for (const char *word : words) {
            if (comment.contains(word))
                return true;
        }
        return false;
    };
    static constexpr std::array<const char *, 10> readers{
        "assistant", "ai agent", "agent:",   "agents:",    "llm",
        "the model", "model:",   "you must", "you should", "you are"};
    static constexpr std::array<const char *, 18> orders{"must",    "always",  "never",    "run ",
                                                         "execute", "send ",   "fetch ",   "upload",
                                                         "ignore",  "include", "append ",  "read ",
                                                         "install", "call ",   "download", "post ",
                                                         "do not",  "instead"};
    return comment.size() > 20 && any(readers) && any(orders);
}

void checkComments(const CheckedFile &file, CheckState &state)
{
    const QByteArrayView prose(file.text.prose());
    for (qsizetype at = 0; (at = prose.indexOf("<!--", at)) >= 0;) {
        qsizetype end = prose.indexOf("-->", at + 4);
        end = end < 0 ? prose.size() : end;
        const auto comment = prose.sliced(at + 4, end - at - 4);
        if (!comment.contains("skillbox-ignore") && isInstruction(comment)) {
            state.add(Rule::HiddenComment, file, at, std::min(end + 3, prose.size()),
                      u"the comment tells a model what to do"_s);
        }
        at = std::min(end + 3, prose.size());
    }
    // A link definition whose label is no label shows nothing either: [//]: # (text)
    for (qsizetype at = 0; (at = prose.indexOf("[//]: #", at)) >= 0;) {
        const qsizetype end = nextLine(prose, at);
        if (isInstruction(prose.sliced(at, end - at))) {
            state.add(Rule::HiddenComment, file, at, end,
                      u"the comment tells a model what to do"_s);
        }
        at = end;
    }
}

/// `](../../x)`: where the link leads from the file's own folder.
void checkEscapes(const CheckedFile &file, CheckState &state)
{
    const QByteArrayView prose(file.text.prose());
    const qsizetype depth = file.path.count(u'/');
    for (qsizetype at = 0; (at = prose.indexOf("](", at)) >= 0;) {
        const qsizetype start = at + 2;
        qsizetype end = start;
        while (end < prose.size() && !QByteArrayView(") \t\n#?").contains(prose[end]))
            ++end;
        at = end;
        const QByteArray target = prose.sliced(start, end - start).toByteArray();
        if (target.contains("://") || target.contains('{') || !target.contains(".."))
            continue;
        qsizetype level = depth;
        bool escapes = false;
        for (const QByteArray &part : target.split('/')) {
            if (part == "..")
                escapes = --level < 0 || escapes;
            else if (part != "." && !part.isEmpty())
                ++level;
        }
        if (escapes) {
            const auto shown = QByteArrayView(file.text.raw()).sliced(start, end - start);
            state.add(Rule::LinkEscapes, file, start, end,
                      u"the link %1 leads out of the skill"_s.arg(quotedName(shown)));
        }
    }
}

} // namespace

void checkMarkdown(const CheckedFile &file, CheckState &state)
{
    if (file.text.kind() != SourceKind::Markdown)
        return;
    checkComments(file, state);
    checkEscapes(file, state);
}

} // namespace skillbox
