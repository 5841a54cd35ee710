#include "engine/skill/checker/check_state.h"

#include "engine/base/quoted_name.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Rule undeclaredRule(Capability capability)
{
    switch (capability) {
    case Capability::Network: return Rule::UndeclaredNetwork;
    case Capability::Subprocess: return Rule::UndeclaredSubprocess;
    case Capability::Files: return Rule::UndeclaredFiles;
    case Capability::Environment: break;
    }
    return Rule::UndeclaredEnvironment;
}

QString undeclaredMessage(const CapabilityUse &use)
{
    const QString what = quotedName(use.what);
    switch (use.capability) {
    case Capability::Network:
        return u"%1 uses the network, which SKILL.md does not declare"_s.arg(what);
    case Capability::Subprocess:
        return u"%1 starts programs, which SKILL.md does not declare"_s.arg(what);
    case Capability::Files: return u"%1 is outside of the skill's folders"_s.arg(what);
    case Capability::Environment: break;
    }
    return u"the variable %1 is not declared in SKILL.md"_s.arg(what);
}

} // namespace

void checkCapabilities(const Manifest &manifest, const QHash<QString, TextRange> &places,
                       CheckState &state, const QString &skillFile)
{
    const DeclaredCapabilities declared = declaredCapabilities(manifest);
    // Once for each capability, at its first place: the answer is one line of SKILL.md. Variables
    // are declared one by one.
    QSet<QString> told;
    for (const CapabilityUse &use : std::as_const(state.uses)) {
        if (declared.covers(use))
            continue;
        const QString key = use.capability == Capability::Environment
            ? use.what
            : QString(capabilityName(use.capability));
        if (told.contains(key))
            continue;
        told.insert(key);
        const QString word = use.capability == Capability::Environment
            ? u"env:"_s + use.what
            : QString(capabilityName(use.capability));
        state.hits += {undeclaredRule(use.capability),
                       undeclaredMessage(use),
                       use.range,
                       u"Add `skillbox.capabilities: %1` under metadata."_s.arg(word),
                       use.file,
                       {}};
    }
    for (const Capability capability : declared.capabilities) {
        const bool isUsed = std::any_of(state.uses.cbegin(), state.uses.cend(),
                                        [capability](const CapabilityUse &use) {
                                            return use.capability == capability;
                                        });
        if (!isUsed) {
            state.hits += {Rule::CapabilityUnused,
                           u"no script uses the declared capability %1"_s.arg(
                               capabilityName(capability)),
                           places.value(u"capabilities"_s),
                           {},
                           skillFile,
                           {}};
        }
    }
    // Reading secrets is one thing, having a way out in the same script another.
    QSet<QString> sending;
    for (const CapabilityUse &use : std::as_const(state.uses)) {
        if (use.capability != Capability::Network || !state.secretReaders.contains(use.file)
            || sending.contains(use.file)) {
            continue;
        }
        sending.insert(use.file);
        state.hits += {Rule::SendsSecrets,
                       u"the script reads secrets and reaches the network with %1"_s.arg(
                           quotedName(use.what)),
                       use.range,
                       {},
                       use.file,
                       {}};
    }
}

} // namespace skillbox
