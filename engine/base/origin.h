#pragma once

#include <QString>

namespace skillbox {

/// Who asks for something, from where and under which request: what the audit keeps of a caller.
struct Origin {
    QString actor = {};     ///< key id, or the local user's name
    QString address = {};   ///< the client's address; empty: this process
    QString requestId = {}; ///< of the HTTP request; empty: none
};

} // namespace skillbox
