#include "engine/execution/environment.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool isVariableName(QStringView name)
{
    for (qsizetype i = 0; i < name.size(); ++i) {
        const char16_t c = name[i].unicode();
        const bool letter = (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z') || c == u'_';
        const bool digit = c >= u'0' && c <= u'9';
        if (!letter && !(digit && i > 0))
            return false;
    }
    return !name.isEmpty();
}

bool isDenied(QStringView name)
{
    for (const auto denied : {"PATH"_L1, "HOME"_L1, "IFS"_L1, "ENV"_L1, "BASH_ENV"_L1}) {
        if (name.compare(denied, Qt::CaseInsensitive) == 0)
            return true;
    }
    for (const auto prefix : {"LD_"_L1, "DYLD_"_L1, "PYTHON"_L1, "NODE_"_L1, "PERL5"_L1, "RUBY"_L1,
                              "GIT_"_L1, "SANDBOX_"_L1, "SKILL_"_L1}) {
        if (name.startsWith(prefix, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

} // namespace

std::optional<QString> environmentRefusal(const QMap<QString, QString> &callerEnvironment)
{
    qsizetype total = 0;
    for (auto it = callerEnvironment.begin(); it != callerEnvironment.end(); ++it) {
        if (!isVariableName(it.key()) || isDenied(it.key()))
            return u"env var \"%1\" is not allowed"_s.arg(it.key());
        if (it.value().contains(QChar(u'\0')))
            return u"env var \"%1\" has a NUL character in its value"_s.arg(it.key());
        const qsizetype bytes = it.value().toUtf8().size();
        if (bytes > maxVariableBytes) {
            return u"env var \"%1\" is %2 bytes long, more than %3 allowed"_s.arg(it.key())
                .arg(bytes)
                .arg(maxVariableBytes);
        }
        total += it.key().size() + bytes + 2;
    }
    if (total > maxCallerEnvironmentBytes) {
        return u"env vars are %1 bytes together, more than %2 allowed"_s.arg(total).arg(
            maxCallerEnvironmentBytes);
    }
    return std::nullopt;
}

QMap<QString, QString> skillEnvironment(const JsonText &input, const QString &instructions,
                                        const QMap<QString, QString> &callerEnvironment)
{
    QMap<QString, QString> environment = callerEnvironment;
    environment.insert(u"HOME"_s, u"/tmp"_s);
    environment.insert(u"SANDBOX_OUTPUT"_s, u"/sandbox/out/output.json"_s);
    environment.insert(u"SANDBOX_FILES_DIR"_s, u"/sandbox/out/files/"_s);
    environment.insert(u"SANDBOX_INPUT_DIR"_s, u"/sandbox/input/"_s);
    if (input.bytes().size() <= maxVariableBytes)
        environment.insert(u"SANDBOX_INPUT"_s, QString::fromUtf8(input.bytes()));
    if (instructions.toUtf8().size() <= maxVariableBytes)
        environment.insert(u"SKILL_INSTRUCTIONS"_s, instructions);
    return environment;
}

} // namespace skillbox
