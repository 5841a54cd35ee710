#pragma once

#include "app/desktop/session/run_centre.h"

namespace skillbox {

enum class SnippetLanguage { Curl, Python, Go, TypeScript };

/// The order as code that an agent's author can paste: against a server at `address`, with the key
/// from the environment. Folders have no name on a server: their skill's name is used.
QString runSnippet(SnippetLanguage language, const RunOrder &order, const QString &address);

} // namespace skillbox
