#pragma once

#include "server/api/api_services.h"

namespace skillbox {

// The resource /v1/executions; a file for each kind of call.

/// Everything below.
void registerExecutions(Router &router, ApiServices &services);

void registerExecutionCreate(Router &router, ApiServices &services);  ///< POST
void registerExecutionRead(Router &router, ApiServices &services);    ///< list, one, logs, cancel
void registerExecutionFiles(Router &router, ApiServices &services);   ///< files, archive
void registerExecutionStreams(Router &router, ApiServices &services); ///< events

/// The record a route's `{id}` names; NotFound where there is none, also for what is no id at all.
Result<ExecutionRecord> executionOf(const HttpRequest &request, ApiServices &services);

/// `GET …/logs?follow=1`: the log so far and what comes, until the run is over.
void followLogs(const HttpRequest &request, const HttpReply &reply, ApiServices &services);

} // namespace skillbox
