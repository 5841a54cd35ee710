#pragma once

#include "engine/base/result.h"

#include <QByteArrayList>

#include <chrono>
#include <optional>
#include <stop_token>

namespace skillbox {

/// One request to a service that is no Skillbox server, small and bounded in every way.
struct WebRequest {
    QString url;                                ///< isPrivateWebAddress()
    QByteArrayList headers = {};                ///< `Name: value`
    std::optional<QByteArray> form = {};        ///< sent with POST, as a web form; else it is a GET
    QString caFile = {};                        ///< PEM file instead of the system's authorities
    qsizetype mostBytes = 1 << 20;              ///< of the answer's body
    std::chrono::milliseconds deadline{10'000}; ///< for everything together
    std::stop_token stop = {};
};

struct WebAnswer {
    int status = 0;
    QByteArray body;
};

/// Blocks. Follows no redirection: an address that moved is told, so that somebody corrects it. An
/// error means that there was no whole answer; its message names the URL and says why.
Result<WebAnswer> askWeb(const WebRequest &request);

/// A form's body; both parts are encoded.
QByteArray webForm(const QList<std::pair<QByteArray, QString>> &fields);

} // namespace skillbox
