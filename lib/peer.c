/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool
copy_ip(char ip[PEER_IP_MAX], char const *text)
{
	unsigned char addr[sizeof(struct in6_addr)];
	if (!text)
		return false;
	if (inet_pton(AF_INET6, text, addr) == 1) {
		/* a mapped address is an IPv4 client on an IPv6 socket */
		static unsigned char const mapped[12] = { 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0xff, 0xff };
		bool v4 = memcmp(addr, mapped, sizeof mapped) == 0;
		return inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr + 12 : addr,
		           ip, PEER_IP_MAX) != NULL;
	}
	if (inet_pton(AF_INET, text, addr) != 1)
		return false;
	return inet_ntop(AF_INET, addr, ip, PEER_IP_MAX) != NULL;
}

static void
copy_name(char name[PEER_NAME_MAX], char const *text)
{
	size_t n = text ? strlen(text) : 0;
	if (n >= PEER_NAME_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f ||
		    strchr("()<>@,;:\\\"[]", text[i]))
			return;
	memcpy(name, text ? text : "", n + 1);
}

static void
socket_ip(char ip[PEER_IP_MAX], int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof ss;
	char text[INET6_ADDRSTRLEN];
	if (getpeername(fd, (struct sockaddr *)&ss, &len) < 0)
		return;
	void const *addr = ss.ss_family == AF_INET
	    ? (void const *)&((struct sockaddr_in *)&ss)->sin_addr
	    : (void const *)&((struct sockaddr_in6 *)&ss)->sin6_addr;
	if ((ss.ss_family == AF_INET || ss.ss_family == AF_INET6) &&
	    inet_ntop(ss.ss_family, addr, text, sizeof text))
		copy_ip(ip, text);
}

static void
socket_port(char port[8], int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof ss;
	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return;
	if (ss.ss_family == AF_INET || ss.ss_family == AF_INET6)
		snprintf(port, 8, "%u",
		    ntohs(ss.ss_family == AF_INET
		            ? ((struct sockaddr_in *)&ss)->sin_port
		            : ((struct sockaddr_in6 *)&ss)->sin6_port));
}

static bool
copy_port(char to[8], char const *port)
{
	if (!port || strlen(port) >= 8 ||
	    strspn(port, "0123456789") != strlen(port))
		return false;
	memcpy(to, port, strlen(port) + 1);
	return true;
}

int
peer_set(struct peer *p, char const *ip, char const *port)
{
	struct peer new = { .name = "" };
	if (!copy_ip(new.ip, ip) || !copy_port(new.local_port, port))
		return 0;
	*p = new;
	return 1;
}

void
peer_find(struct peer *p, int fd)
{
	p->ip[0] = p->name[0] = p->local_port[0] = 0;
	if (!copy_ip(p->ip, getenv("TCPREMOTEIP")) &&
	    !copy_ip(p->ip, getenv("REMOTE_ADDR")))
		socket_ip(p->ip, fd);
	copy_name(p->name, getenv("TCPREMOTEHOST"));
	if (!copy_port(p->local_port, getenv("TCPLOCALPORT")))
		socket_port(p->local_port, fd);
}

char const *
peer_text(struct peer const *p)
{
	return *p->ip ? p->ip : "local";
}
