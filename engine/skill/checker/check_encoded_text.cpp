#include "engine/skill/checker/check_state.h"
#include "engine/skill/checker/decoded_text.h"
#include "engine/skill/checker/pattern_tables.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxLayers = 3;
constexpr qsizetype longText = 2048; ///< letters from which unknown data is worth a word

/// Why the bytes are dangerous, following encodings inside them; empty: nothing known.
QString dangerIn(QByteArrayView bytes, int layer)
{
    static const PatternSet security{securityPatterns()};
    static const PatternSet network{networkPatterns()};
    static const PatternSet privacy{privacyPatterns()};
    static const PatternSet injection{injectionPatterns()};

    const ContentType type = contentTypeOf(bytes);
    if (isProgram(type) || type == ContentType::Script)
        return QString(contentTypeName(type));
    if (const auto unpacked = inflated(bytes)) {
        const QString danger = layer < maxLayers ? dangerIn(*unpacked, layer + 1) : QString();
        if (!danger.isEmpty())
            return danger;
    }
    if (!isReadable(bytes))
        return {};
    const QByteArray raw = bytes.toByteArray();
    const QByteArray lower = asciiLower(raw);
    for (const PatternSet *patterns : {&security, &network, &privacy, &injection}) {
        if (const auto rule = patterns->firstDanger(lower, raw)) {
            const RuleInfo &info = ruleInfo(*rule);
            return u"what %1 is about (%2)"_s.arg(QLatin1StringView(info.id),
                                                  QString::fromUtf8(info.title).toLower());
        }
    }
    if (layer < maxLayers) {
        for (const EncodedRun &run : encodedRuns(raw)) {
            const QString danger = dangerIn(decoded(run), layer + 1);
            if (!danger.isEmpty())
                return danger;
        }
    }
    return {};
}

/// Text that is code in itself: a program inside a text that hides it.
bool isCodeText(QByteArrayView bytes)
{
    if (!isReadable(bytes))
        return false;
    const QByteArray lower = asciiLower(bytes);
    int signs = 0;
    for (const char *sign :
         {"import ", "subprocess", "os.system", "exec(", "eval(", "require(", "curl ", "wget ",
          "/bin/sh", "/bin/bash", "socket", "function(", "#!/", "powershell", "base64", "chmod "}) {
        signs += lower.contains(sign) ? 1 : 0;
    }
    return signs >= 2;
}

} // namespace

void checkEncodedText(const CheckedFile &file, CheckState &state)
{
    if (file.text.kind() == SourceKind::Binary)
        return;
    for (const EncodedRun &run : encodedRuns(file.text.raw())) {
        const QByteArray bytes = decoded(run);
        QString danger = dangerIn(bytes, 1);
        if (danger.isEmpty()) {
            const auto unpacked = inflated(bytes);
            if (isCodeText(unpacked ? QByteArrayView(*unpacked) : QByteArrayView(bytes)))
                danger = u"code"_s;
        }
        if (!danger.isEmpty()) {
            state.add(Rule::EncodedPayload, file, run.start, run.end,
                      u"the encoded text holds %1"_s.arg(danger));
            continue;
        }
        const ContentType type = contentTypeOf(bytes);
        const bool isKnownData = isPicture(type) || type == ContentType::Pdf || isReadable(bytes);
        if (file.isScript() && run.letters.size() >= longText && !isKnownData) {
            state.add(Rule::LongEncodedText, file, run.start, run.end,
                      u"%1 letters of encoded data cannot be reviewed"_s.arg(run.letters.size()));
        }
    }
}

} // namespace skillbox
