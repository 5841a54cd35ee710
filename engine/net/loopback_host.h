#pragma once

#include <QString>

namespace skillbox {

/// Whether a URL's host is this machine: `localhost`, or a loopback address by its number.
bool isLoopbackHost(const QString &host);

/// Whether what is sent to this URL stays unseen on its way: https, or http to this machine. No
/// user name, password or fragment in it.
bool isPrivateWebAddress(const QString &url);

} // namespace skillbox
